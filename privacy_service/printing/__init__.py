"""Notices on paper: the edge to what makes PDF files."""
