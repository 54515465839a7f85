"""The gate: everything that must hold before a change goes in."""
