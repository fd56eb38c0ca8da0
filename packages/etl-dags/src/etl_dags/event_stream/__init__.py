"""The pipeline `events_stream`: events by way of Kafka into replicated tables."""
