"""Displays, which draw with Matplotlib."""
