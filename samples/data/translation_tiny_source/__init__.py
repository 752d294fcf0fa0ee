"""Makes the sentences of the sample data: make_translation_tiny.py writes them."""
