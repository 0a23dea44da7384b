import Foundation

/// The learning rate of each step, counted from 0.
///
/// A number is a constant rate: `learningRate: 0.001`.
public struct Schedule: Sendable, ExpressibleByFloatLiteral,
  ExpressibleByIntegerLiteral
{
  private let rate: @Sendable (Int) -> Float

  /// A rate that is a function of the steps already done.
  public init(_ rate: @escaping @Sendable (_ step: Int) -> Float) { self.rate = rate }

  /// The same rate at each step.
  public init(floatLiteral rate: Float) { self = .constant(rate) }

  /// The same rate at each step.
  public init(integerLiteral rate: Int) { self = .constant(Float(rate)) }

  /// The rate of a step, from 0.
  public func callAsFunction(_ step: Int) -> Float { rate(step) }

  /// The same rate at each step.
  public static func constant(_ rate: Float) -> Schedule { Schedule { _ in rate } }

  /// A linear warm-up from rate / steps to rate, the first one of another schedule; then that schedule.
  public static func warmUp(_ steps: Int, then schedule: Schedule) -> Schedule {
    Schedule { step in
      step < steps
        ? schedule(0) * Float(step + 1) / Float(steps) : schedule(step - steps)
    }
  }

  /// Cosine annealing from a rate to a least one, which is then kept (Loshchilov and Hutter, 2017, equation 5,
  /// without restarts).
  public static func cosine(_ rate: Float, steps: Int, to least: Float = 0) -> Schedule {
    Schedule { step in
      guard step < steps else { return least }
      return least + (rate - least) * (1 + cos(.pi * Float(step) / Float(steps))) / 2
    }
  }

  /// A rate that is multiplied by a factor at regular intervals.
  public static func stepwise(_ rate: Float, every steps: Int, factor: Float) -> Schedule {
    Schedule { step in rate * pow(factor, Float(step / steps)) }
  }
}
