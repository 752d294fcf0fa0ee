"""Random choices that are the same on every machine and in every version of Python: they stand on Random.random()
alone, whose sequence the language promises not to change."""

import random


class Dice:
    def __init__(self, seed):
        self._random = random.Random(seed)

    def chance(self, probability):
        return self._random.random() < probability

    def between(self, low, high):
        """A whole number, low <= number <= high."""
        return low + int(self._random.random() * (high - low + 1))

    def pick(self, items):
        return items[self.between(0, len(items) - 1)]

    def sample(self, items, count):
        """Up to `count` different items, in the order in which they stand."""
        left = list(items)
        while len(left) > count:
            left.pop(self.between(0, len(left) - 1))
        return left

    def shuffled(self, items):
        left, taken = list(items), []
        while left:
            taken.append(left.pop(self.between(0, len(left) - 1)))
        return taken
