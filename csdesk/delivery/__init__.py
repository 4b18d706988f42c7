"""Delivery of what waits in the outbox: by mail and into a folder. Above the store; screens never come here."""
