import Compute
import ComputeCPU
import ComputeOpenCL
import Conformance
import Testing

/// The devices that must conform: every instruction set of the CPU, one thread and many, and every
/// OpenCL device with both families of kernels.
let devices: [any Device] = {
  var devices: [any Device] = [
    NaiveDevice(), PrimitiveDevice(), CPUDevice(threads: 1), CPUDevice(threads: 3),
  ]
  for set in InstructionSet.available { devices.append(CPUDevice(instructionSet: set)) }
  for handle in OpenCLDevice.available().devices {
    for family in KernelFamily.allCases {
      do {
        devices.append(try handle.makeDevice(kernels: family))
      } catch {
        Issue.record("\(handle.description.name): \(error)")
      }
    }
  }
  return devices
}()

@Suite struct ConformanceTests {
  @Test(arguments: devices.indices, OperationGroup.allCases)
  func conforms(device index: Int, operation: OperationGroup) {
    let report = ConformanceReport(
      Conformance.cases(.full, of: [operation]), on: devices[index])
    let description = devices[index].description
    #expect(report.passed, "\(description.name), \(description.kernels)\n\(report.table)")
    #expect(report.rows.map(\.operation) == [operation])
  }

  @Test(arguments: Conformance.Size.allCases)
  func labelsAreUnique(_ size: Conformance.Size) {
    let names = Conformance.cases(size).map(\.description)
    let repeated = Dictionary(grouping: names) { $0 }.filter { $1.count > 1 }.keys
    #expect(repeated.isEmpty)
  }

  @Test func selfCheckPasses() {
    let report = ConformanceReport(Conformance.cases(.selfCheck), on: NaiveDevice())
    #expect(report.passed, "\(report.table)")
  }
}

/// The self-check alone must notice each mistake in the cases of the operation that makes it.
@Suite struct MutationTests {
  @Test(arguments: Mutation.allCases)
  func isCaught(_ mutation: Mutation) {
    let cases = Conformance.cases(.selfCheck, of: [mutation.operation])
    let report = ConformanceReport(cases, on: NaiveDevice(mutation))
    #expect(!report.passed, "\(report.table)")
    #expect(report.reason?.hasPrefix(mutation.operation.rawValue) == true)
  }

  @Test func errorsAreFailuresWithTheirMessage() throws {
    let report = ConformanceReport(
      Conformance.cases(.selfCheck, of: [.matmul]), on: NaiveDevice(.throwsError))
    let row = try #require(report.rows.first)
    #expect(row.failures.count == row.cases)
    #expect(row.failures.first?.reason == "matmul failed with code -5: on purpose")
    let lines = report.table.split(separator: "\n")
    #expect(lines.first == "operation  cases  error/bound  worst error  verdict")
    #expect(lines.count == 2 + row.cases)
    #expect(lines[1].hasSuffix("\(row.cases) FAILED"))
  }
}
