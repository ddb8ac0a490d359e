"""Notes on records of any register: of the staff alone, or shown to the company."""
