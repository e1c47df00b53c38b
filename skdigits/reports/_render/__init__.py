"""Reports as text, HTML, data and tables."""
