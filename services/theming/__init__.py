"""Theme views as a meeting asks for them: rows with their denominators, comparators and flags."""
