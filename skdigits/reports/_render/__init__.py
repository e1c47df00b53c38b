"""Scores as text, HTML, JSON-compatible data, and tables."""
