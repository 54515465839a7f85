# The server of a Windows of our own, which keeps its files, processes and registry.

# Kept for longer than any test leaves it alone: a new one starts all services of Windows again.
begin_windows() {
  wineserver -p3600 </dev/null >/dev/null 2>&1 3>&-
}

# Everything that runs there ends. wineserver gives up waiting for itself after ten seconds.
end_windows() {
  wineserver -k || true
  wineserver -w
}
