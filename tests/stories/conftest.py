"""The desk of the service tests, for stories that go over days."""

from tests.services.conftest import desk

__all__ = ["desk"]
