"""Measurements of what the library costs, each held against its figure.

``python -m benchmarks`` prints them all; ``--help`` says what else it can do. A figure that
is not met is printed, never asserted: timing decides nothing here, and fails no test.

How things are timed, so that the numbers can be argued with:

- *Interleaved.* A thing and its reference take turns within one run, each turn a round, and
  every other round in the opposite order. What the machine does meanwhile hits both.
- *Medians and quartiles*, over rounds. A ratio is worked out in each round, and the median
  of those ratios is the ratio. A round that asks many cells gives the mean of a cell.
- *One loop for both.* The measured call and the empty call it is compared with are made by
  the same loop, over the same arguments that were looked up before, and both times include
  that loop. Leaving it out would make every ratio to an empty call larger; an empty call
  without its loop cannot be observed.
- *The collector stays on*, as it is where the library is used, and runs once before each
  group of measurements.
"""
