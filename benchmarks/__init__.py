"""Measurements of Herald and the fast SMTP sink that they, and the fault tests, send to. See README.md."""
