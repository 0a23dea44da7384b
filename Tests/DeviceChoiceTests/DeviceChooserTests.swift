import Compute
import ComputeCPU
import ComputeOpenCL
import DeviceChoice
import TestSupport
import Testing

@Suite struct AutomaticChoiceTests {
  @Test func onlyTheCPU() throws {
    let choice = try DeviceChooser(candidates: [.cpu]).choose(.auto)
    #expect(choice.label == "cpu")
    #expect(choice.reason == "the only device")
    #expect(choice.device is CPUDevice)
  }

  @Test func noDriver() throws {
    let chooser = DeviceChooser(candidates: [.cpu], problems: ["no OpenCL driver is installed"])
    let choice = try chooser.choose(.auto)
    #expect(choice.label == "cpu")
    #expect(choice.reason == "no GPU passed")
  }

  @Test(arguments: [DeviceDescription.Kind.gpu, .accelerator])
  func aDeviceThatPassesIsTaken(_ kind: DeviceDescription.Kind) throws {
    let chooser = DeviceChooser(candidates: [.fake(0, "Good", kind), .fake(1), .cpu])
    let (choice, verdicts) = chooser.automatic()
    #expect(choice?.label == "opencl:0")
    #expect(choice?.reason == "it passed the self-check")
    #expect(choice?.device.description.name == "Good")
    #expect(
      verdicts == ["taken by auto: it passed the self-check", "not needed", "not needed"])
  }

  @Test(arguments: [
    (FakeDevice.Fault.softplus, "map "), (.adam, "adamStep "), (.fails, "CL_OUT_OF_RESOURCES"),
  ])
  func aDeviceThatLiesIsDemoted(_ fault: FakeDevice.Fault, _ reason: String) throws {
    let liar = Candidate.fake(0, faults: [.gpu: fault, .cpu: fault])
    let (choice, verdicts) = DeviceChooser(candidates: [liar, .cpu]).automatic()
    #expect(choice?.label == "cpu")
    #expect(choice?.reason == "no GPU passed; opencl:0 \(verdicts[0])")
    #expect(verdicts[0].hasPrefix("failed the self-check (gpu kernels: "))
    #expect(verdicts[0].contains("; cpu kernels: "))
    #expect(verdicts[0].contains(reason), "\(verdicts[0])")
    #expect(!verdicts[0].contains("\n"))
  }

  @Test func theNextGPUGetsItsTurn() throws {
    let liar = Candidate.fake(0, faults: [.gpu: .adam, .cpu: .adam])
    let choice = try DeviceChooser(candidates: [liar, .fake(1, "Good"), .cpu]).choose(.auto)
    #expect(choice.label == "opencl:1")
  }

  @Test func theOtherKernelsGetTheirTurn() throws {
    let opened = Log()
    let half = Candidate.fake(0, faults: [.gpu: .softplus], opened: opened)
    let choice = try DeviceChooser(candidates: [half, .cpu]).choose(.auto)
    #expect(choice.label == "opencl:0")
    #expect(choice.device.description.kernels == "cpu")
    #expect(choice.reason.hasPrefix("it passed the self-check; gpu kernels: map "))
    #expect(opened.entries == ["0 gpu", "0 cpu"])
  }

  @Test func oneWrongVariantIsLeftOut() throws {
    let opened = Log()
    let half = Candidate.fake(0, faults: [.gpu: .firstVariant], opened: opened)
    let choice = try DeviceChooser(candidates: [half, .cpu]).choose(.auto)
    #expect(choice.device.description.kernels == "gpu, variant 1")
    #expect(choice.reason.hasPrefix("gpu, variant 1 passed the self-check; gpu kernels: matmul "))
    #expect(opened.entries == ["0 gpu"])
  }

  @Test func forcedKernelsHaveNoSubstitute() throws {
    let opened = Log()
    let half = Candidate.fake(0, faults: [.gpu: .softplus], opened: opened)
    let chooser = DeviceChooser(candidates: [half, .cpu])
    #expect(try chooser.choose(.auto, kernels: .gpu).label == "cpu")
    #expect(opened.entries == ["0 gpu"])
    #expect(try chooser.choose(.auto, kernels: .cpu).label == "opencl:0")
  }

  @Test func aDeviceThatDoesNotOpenIsPassedOver() throws {
    let (choice, verdicts) = DeviceChooser(
      candidates: [.fake(0, opens: false), .cpu]
    ).automatic()
    #expect(choice?.label == "cpu")
    #expect(verdicts[0].contains("CL_DEVICE_NOT_AVAILABLE (-2): in use"))
  }

  @Test func anOpenCLCPUIsNotTaken() throws {
    let opened = Log()
    let (choice, verdicts) = DeviceChooser(
      candidates: [.fake(0, "PoCL", .cpu, opened: opened), .cpu]
    ).automatic()
    #expect(choice?.label == "cpu")
    #expect(verdicts[0] == "an OpenCL CPU, taken only when asked for")
    #expect(opened.entries == [], "nor opened")
  }

  @Test func nothingAtAll() {
    let chooser = DeviceChooser(candidates: [.fake(0, opens: false)], problems: ["a problem"])
    let error = #expect(throws: NoSuchDeviceError.self) { _ = try chooser.choose(.auto) }
    #expect(error?.description.contains("a problem") == true)
  }
}

@Suite struct NamedChoiceTests {
  private let chooser = DeviceChooser(
    candidates: [
      .fake(0, "PoCL pthread", .cpu), .fake(1, "NVIDIA A100 PCIe"), .fake(2, "NVIDIA A100 SXM"),
      .cpu,
    ])

  @Test(arguments: [
    ("cpu", "cpu"), ("opencl:0", "opencl:0"), ("opencl:2", "opencl:2"), ("pocl", "opencl:0"),
    ("sxm", "opencl:2"), ("Processor", "cpu"),
  ])
  func isFound(_ request: String, _ label: String) throws {
    let choice = try chooser.choose(DeviceRequest(request))
    #expect(choice.label == label)
    #expect(choice.reason == "asked for")
  }

  @Test func openCLPrefersAGPU() throws {
    #expect(try chooser.choose(.openCL).label == "opencl:1")
    let pocl = DeviceChooser(candidates: [.fake(0, "PoCL", .cpu), .cpu])
    #expect(try pocl.choose(.openCL).label == "opencl:0")
  }

  private func expectNone(
    _ request: String, of chooser: DeviceChooser, _ texts: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: NoSuchDeviceError.self, sourceLocation: sourceLocation) {
      _ = try chooser.choose(DeviceRequest(request))
    }
    let text = error?.description ?? ""
    #expect(text.contains("--device \(request)"), sourceLocation: sourceLocation)
    #expect(!text.contains("\n"), sourceLocation: sourceLocation)
    for part in texts { #expect(text.contains(part), "\(text)", sourceLocation: sourceLocation) }
  }

  @Test func whatIsNotThereIsAnErrorThatListsWhatIs() {
    expectNone("opencl:9", of: chooser, "opencl:1 (NVIDIA A100 PCIe)", "cpu (Processor)")
    expectNone("opencl:-1", of: chooser, "cpu (Processor)")
    expectNone("Radeon", of: chooser, "opencl:0 (PoCL pthread)")
  }

  @Test func anAmbiguousNameListsWhatItFits() {
    expectNone(
      "a100", of: chooser, "opencl:1 (NVIDIA A100 PCIe) and opencl:2 (NVIDIA A100 SXM)")
  }

  @Test func openCLWithoutADriverSaysWhy() {
    let bare = DeviceChooser(candidates: [.cpu], problems: ["no OpenCL driver is installed"])
    expectNone("opencl", of: bare, "no OpenCL driver is installed", "cpu (Processor)")
    expectNone("opencl:0", of: bare, "no OpenCL driver is installed")
  }

  @Test func aNamedDeviceThatDoesNotOpenIsAnError() {
    let chooser = DeviceChooser(candidates: [.fake(0, opens: false), .cpu])
    let error = #expect(throws: DeviceError.self) { _ = try chooser.choose(.openCL) }
    #expect(error?.symbol == "CL_DEVICE_NOT_AVAILABLE")
  }

  @Test func kernelsCanBeForced() throws {
    for family in KernelFamily.allCases {
      let choice = try chooser.choose(.openCLIndex(1), kernels: family)
      #expect(choice.device.description.kernels == family.rawValue)
    }
  }
}

@Suite struct SystemChooserTests {
  @Test func theMachineHasAtLeastItsCPU() throws {
    let chooser = DeviceChooser.system()
    #expect(chooser.candidates.last?.label == "cpu")
    for (index, candidate) in chooser.candidates.dropLast().enumerated() {
      #expect(candidate.label == "opencl:\(index)")
      #expect(candidate.families.count == 2)
    }
    #expect(chooser.candidates.count > 1 || !chooser.problems.isEmpty)
    #expect(try chooser.choose(.cpu).device is CPUDevice)
  }
}
