"""Airflow imported once, and its components forked from that process."""
