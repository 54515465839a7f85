# What the tests of both installers say about the "output" and "status" of bats.

says() {
  case $output in
    *"$1"*) ;;
    *)
      printf 'expected: %s\ngot:\n%s\n' "$1" "$output"
      return 1
      ;;
  esac
}

is_code() {
  [ "$status" -eq "$1" ] || {
    printf 'expected exit code %s, got %s:\n%s\n' "$1" "$status" "$output"
    return 1
  }
}
