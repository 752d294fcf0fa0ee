"""The sources of questions-tiny."""
