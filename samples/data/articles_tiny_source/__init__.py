"""The sources of articles-tiny."""
