"""Measurements, as ratios within one run. They print a table and assert nothing."""
