"""A small HTTP API with products that change, for the pipeline that loads them hour by hour."""
