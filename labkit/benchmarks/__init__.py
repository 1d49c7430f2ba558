"""What the methods cost, measured against the least that the same work must cost: ``labkit bench``."""
