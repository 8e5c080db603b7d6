"""The part of regorus that the benchmarks use."""
