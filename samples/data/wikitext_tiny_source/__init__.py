"""The invented country behind samples/data/wikitext-tiny."""
