"""Tests of the served desk."""
