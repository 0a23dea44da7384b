import Autograd
import Compute
import Datasets
import Models

extension PackagedModel {
  /// Whether the digits of a data set look transposed, as EMNIST stores them: the packaged classifier
  /// recognises many more of them when transposed back.
  ///
  /// - Parameters:
  ///   - images: Of any set; those of another shape, or without classes named like the packaged ones,
  ///     never do.
  ///   - device: The device that computes.
  /// - Throws: `DeviceError` when the device fails.
  public func seesTurned(_ images: ImageDataset, on device: any Device) throws -> Bool {
    guard images.shape == image, image.rows == image.columns,
      let classifier = try classifier(on: device)
    else { return false }
    let known = images.relabelled(for: classNames).labelled
    // Fewer are no evidence, and more cost time.
    let count = min(known.count, 500)
    guard count >= 20 else { return false }
    let some = known.selecting((0..<count).map { Int32($0 * known.count / count) })
    let side = image.rows
    let upright = some.images.map { Float($0) / 255 }
    let turned = upright.indices.map { place in
      let (start, pixel) = (place / (side * side) * side * side, place % (side * side))
      return upright[start + pixel % side * side + pixel / side]
    }
    func accuracy(_ images: [Float]) throws -> Float {
      let hits = try device.makeBuffer([0 as Float])
      try classifier.countHits(
        Tensor(images, Rows(count, image.count), on: device),
        labels: device.makeBuffer(some.labels.map(Int32.init)), into: hits)
      return try device.download(hits)[0] / Float(count)
    }
    let (before, after) = (try accuracy(upright), try accuracy(turned))
    return after >= 0.6 && after > before + 0.2
  }
}
