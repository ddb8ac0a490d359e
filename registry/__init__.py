"""Tizilim: the resident registry of a science-and-technology park or science city."""
