"""The APIs that clients speak to us: what is not simply relayed is answered here."""
