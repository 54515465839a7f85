"""LlamaRunner Pro: watches, heals, serves and shows local AI model servers."""
