"""The pipeline `files_from_bucket`: files that land in a bucket, each loaded once."""
