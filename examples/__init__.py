"""Examples: a made-up organization to try the library on."""
