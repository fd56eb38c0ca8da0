"""Products from an HTTP API, loaded hour by hour: what changed in a window, each change once."""
