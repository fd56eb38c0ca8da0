"""The logic behind the DAGs."""
