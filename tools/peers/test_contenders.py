"""Tests of the processes that peers run in."""

import os
import unittest

from contenders import Worker
from errors import Unavailable


class Workers(unittest.TestCase):
    def test_one_that_ends_is_a_reason_and_can_be_closed(self):
        worker = Worker("peer", ["sh", "-c", "echo ready for one; read request"], dict(os.environ))
        self.assertEqual(worker.description, "for one")
        for request in ["first", "second"]:
            with self.assertRaises(Unavailable):
                worker.request(request, limit=5)
        worker.close()


if __name__ == "__main__":
    unittest.main()
