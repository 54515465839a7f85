"""Puts a release together: what is built, what it consists of, and under which licences."""
