"""The desk of the service tests, for races about it."""

from tests.services.conftest import desk

__all__ = ["desk"]
