import COpenCL
import Compute
import Logging
import Synchronization

/// For failures that nobody can catch, those in `deinit`.
let logger = Logger(label: "digitalis.opencl")

/// Logs a failed release: `deinit` can't throw, and must not hide it. When a device is lost, hundreds fail: the first
/// of each call is enough.
func logFailure(_ code: cl_int, _ call: String) {
  guard code != CL_SUCCESS, loggedCalls.withLock({ $0.insert(call).inserted }) else { return }
  logger.error("\(call) failed with \(symbol(of: code) ?? "code") (\(code))")
}

private let loggedCalls = Mutex<Set<String>>([])

/// One device with its context and one in-order queue.
final class Context: @unchecked Sendable {
  let device: cl_device_id
  let context: cl_context
  let queue: cl_command_queue
  /// The defines that the device needs in every program: `EMULATED_FMA`, if it has no such instruction.
  let defines: String
  /// The commands with their times, if the queue records them.
  private(set) var log: CommandLog?

  init(device: cl_device_id, recordsCommands: Bool = false) throws(DeviceError) {
    var code: cl_int = 0
    var devices: [cl_device_id?] = [device]
    guard let context = clCreateContext(nil, 1, &devices, nil, nil, &code) else {
      try check(code, "clCreateContext")
      throw DeviceError(call: "clCreateContext", detail: "the driver returned no context")
    }
    let properties = cl_command_queue_properties(recordsCommands ? CL_QUEUE_PROFILING_ENABLE : 0)
    guard let queue = clCreateCommandQueue(context, device, properties, &code) else {
      logFailure(clReleaseContext(context), "clReleaseContext")
      try check(code, "clCreateCommandQueue")
      throw DeviceError(call: "clCreateCommandQueue", detail: "the driver returned no queue")
    }
    self.device = device
    self.context = context
    self.queue = queue
    let precision = number(
      device, CL_DEVICE_SINGLE_FP_CONFIG, as: cl_device_fp_config.self, clGetDeviceInfo)
    let emulatesFMA = precision.map { $0 & cl_device_fp_config(CL_FP_FMA) == 0 } ?? false
    defines = emulatesFMA ? "-DEMULATED_FMA " : ""
    if recordsCommands { log = CommandLog(context, queue) }
  }

  deinit {
    logFailure(clFinish(queue), "clFinish")
    log = nil
    logFailure(clReleaseCommandQueue(queue), "clReleaseCommandQueue")
    logFailure(clReleaseContext(context), "clReleaseContext")
  }

  /// The device's name for itself.
  var deviceName: String { text(device, CL_DEVICE_NAME, clGetDeviceInfo) }

  /// Whether the device is Oclgrind, which compiles nothing at a launch. If it is waited for after a kernel's first
  /// one, it takes values in registers for unwritten memory.
  var interprets: Bool { deviceName.hasPrefix("Oclgrind") }

  /// Enqueues a command by `body`, which asks for its event if it gets a place for one.
  func enqueue(
    _ kind: DeviceCommand.Kind, _ name: String, bytes byteCount: Int = 0,
    _ body: (UnsafeMutablePointer<cl_event?>?) -> cl_int
  ) -> cl_int {
    guard let log else { return body(nil) }
    var event: cl_event?
    // It may have ended before `body` returns.
    let enqueued = hostNanoseconds()
    let code = body(&event)
    if code == CL_SUCCESS, let event { log.add(event, kind, name, byteCount, enqueued) }
    return code
  }

  /// Waits until the queue is empty.
  func finish() throws(DeviceError) { try check(clFinish(queue), "clFinish") }
}
