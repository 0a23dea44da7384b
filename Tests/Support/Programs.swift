import Files
import Foundation

/// Programs in plain Python that classify images as `--classifier` asks for it.
public enum ClassifierProgram {
  /// Writes a program.
  ///
  /// - Parameters:
  ///   - body: What it does with a batch `images`, a list of tuples of floats, of the extents `extents`: it
  ///     may `write(rows)`.
  ///   - path: Where to write it.
  /// - Returns: The command that runs it.
  public static func write(_ body: String, to path: String) throws -> String {
    let lines = body.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
    try writeAtomically(start + lines + "\n", to: path)
    return "python3 '\(path)'"
  }

  /// Says that the classes are as probable as the tenths of the image are bright.
  public static let tenths = """
    tenth = len(images[0]) // 10
    sums = [[sum(i[k * tenth:(k + 1) * tenth]) + 0.01 for k in range(10)] for i in images]
    write([[s / sum(row) for s in row] for row in sums])
    """

  private static let start = #"""
    import math, os, struct, sys, time

    def read():
        global extents
        head = sys.stdin.buffer.read(10)
        if not head:
            sys.exit()
        assert head[:8] == b"\x93NUMPY\1\0"
        fields = eval(sys.stdin.buffer.read(struct.unpack("<H", head[8:])[0]))
        assert fields["descr"] == "<f4" and not fields["fortran_order"]
        count, *extents = fields["shape"]
        size = math.prod(extents)
        values = struct.unpack("<%df" % (count * size), sys.stdin.buffer.read(4 * count * size))
        return [values[i * size:(i + 1) * size] for i in range(count)]

    def say(data):
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()

    def header(descr, shape, columnwise=False):
        text = str({"descr": descr, "fortran_order": columnwise, "shape": tuple(shape)}).encode()
        return b"\x93NUMPY\1\0" + struct.pack("<H", len(text) + 1) + text + b"\n"

    def write(rows, descr="<f4", letter="f", columnwise=False):
        numbers = [n for row in (zip(*rows) if columnwise else rows) for n in row]
        order = ">" if descr[0] == ">" else "<"
        data = struct.pack("%s%d%s" % (order, len(numbers), letter), *numbers)
        say(header(descr, [len(rows), len(rows[0])], columnwise) + data)

    while True:
        images = read()

    """#
}

/// Whether a process is no more, or will be no more than an entry that its parent hasn't read yet.
///
/// It may take a moment after a signal; after a minute it's there.
public func isGone(_ identifier: String) -> Bool {
  for _ in 0..<6000 {
    guard
      let bytes = FileManager.default.contents(atPath: "/proc/\(identifier)/stat"),
      let state = String(decoding: bytes, as: UTF8.self).split(separator: ") ").last?.first
    else { return true }
    if state == "Z" || state == "X" { return true }
    usleep(10_000)
  }
  return false
}
