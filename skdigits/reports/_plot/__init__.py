"""Displays that draw with Matplotlib."""
