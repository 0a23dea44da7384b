import Foundation
import TestSupport
import Testing
import Threads

@testable import DeviceChoice

@Suite struct DriverProbeTests {
  private func shell(_ script: String, patience: Double = 60) -> DriverProbe {
    DriverProbe("/bin/sh", ["-c", script], patience: patience)
  }

  @Test func whatSurvivesIsHeard() {
    #expect(
      shell("echo driver >&2; echo one; echo two").run() == .survived(["driver", "one", "two"]))
  }

  @Test(arguments: [
    ("echo no memory >&2; kill -BUS $$", ["crashed (Bus error)", "having said: no memory"]),
    ("kill -SEGV $$", ["crashed (Segmentation fault)"]), ("exit 3", ["ended with status 3"]),
  ])
  func whatDoesNotIsNamed(_ script: String, _ texts: [String]) {
    guard case .failed(let why) = shell(script).run() else {
      Issue.record("it survived")
      return
    }
    for text in texts { #expect(why.contains(text), "\(why)") }
  }

  @Test func whatHangsIsEnded() {
    #expect(
      shell("exec sleep 1000", patience: 0.2).run()
        == .failed("an OpenCL driver hung, or was killed"))
  }

  /// A driver may leave a process behind that keeps the output open.
  @Test func whatItLeavesBehindIsNotWaitedFor() {
    #expect(shell("sleep 1000 & echo $!").run().lines.count == 1)
  }

  @Test func whatChattersForEverIsEnded() {
    #expect(
      shell("exec yes").run() == .failed("an OpenCL driver hung, or was killed, having said: y"))
  }

  @Test func noSuchCommand() {
    guard case .failed(let why) = DriverProbe("/nonexistent", []).run() else {
      Issue.record("it survived")
      return
    }
    #expect(why == "/nonexistent cannot be started: No such file or directory")
  }

  /// Whatever happens to the drivers, `auto` has a device.
  @Test func autoSurvives() throws {
    let choice = try DeviceChooser.automatic(after: shell("kill -SEGV $$").run())
    #expect(choice.label == "cpu" && choice.standby == nil)
    #expect(choice.reason == "no GPU passed; an OpenCL driver crashed (Segmentation fault)")
    let chooser = DeviceChooser.system(after: shell("kill -SEGV $$").run())
    #expect(chooser.candidates.map(\.label) == ["cpu"])
  }

  @Test func autoTakesTheWordOfTheProbe() throws {
    let line = #"printf 'chatter\ndigitalis-choice\tcpu\tavx2\tno GPU: one\n'"#
    #expect(try DeviceChooser.automatic(after: shell(line).run()).reason == "no GPU: one")
    // A probe that says nothing is no reason to do without.
    #expect(try DeviceChooser.automatic(after: shell("echo what").run()).reason != "")
  }

  // MARK: A copy of this process

  @Test func aCopyIsHeard() {
    let outcome = DriverProbe {
      print("one")
      FileHandle.standardError.write(Data("two\n".utf8))
      return 0
    }.run()
    #expect(outcome == .survived(["two", "one"]) || outcome == .survived(["one", "two"]))
  }

  /// Whatever happens to the copy, this process goes on.
  @Test(arguments: [
    (SIGSEGV, "crashed (Segmentation fault)"), (SIGABRT, "crashed (Aborted)"),
    (SIGKILL, "hung, or was killed"), (0, "ended with status 3"),
  ])
  func aCopyThatFails(_ number: Int32, _ text: String) {
    let probe = DriverProbe {
      if number != 0 { kill(getpid(), number) }
      return 3
    }
    guard case .failed(let why) = probe.run() else {
      Issue.record("it survived")
      return
    }
    #expect(why.contains(text), "\(why)")
  }

  @Test func aCopyThatHangs() {
    let probe = DriverProbe(patience: 0.2) {
      while true { sleep(1000) }
    }
    #expect(probe.run() == .failed("an OpenCL driver hung, or was killed"))
  }

  @Test func aDeviceIsOpened() throws {
    let choice = try chooseDevice()
    #expect(choice.summary.hasPrefix("device: ") && !choice.reason.isEmpty)
    #expect(try chooseDevice().label == choice.label, "known by now")
    #expect(try chooseDevice("cpu").label == "cpu")
    #expect(throws: NoSuchDeviceError.self) { _ = try openDevice("opencl:99") }
  }
}

@Suite struct ProbedChoiceTests {
  private let chooser = DeviceChooser(candidates: [
    .fake(0), .fake(1, "Half", faults: [.gpu: .firstVariant]), .cpu,
  ])

  @Test func isReadAsItWasWritten() throws {
    var choice = try chooser.choose(.openCLIndex(1))
    choice.reason = "two\nlines\tand a tab"
    let written = ProbedChoice(choice)
    let read = try #require(ProbedChoice(in: ["chatter", written.line]))
    #expect(read == written && read.reason == "two lines and a tab")
    #expect(ProbedChoice(in: []) == nil && ProbedChoice(in: ["opencl:0\tgpu\twhy"]) == nil)
  }

  /// The kernels that passed there are those that are used here.
  @Test func opensTheSame() throws {
    let automatic = try #require(
      DeviceChooser(candidates: [chooser.candidates[1], .cpu]).automatic().choice)
    #expect(automatic.device.description.kernels == "gpu, variant 1")
    let opened = try #require(try chooser.open(ProbedChoice(automatic)))
    #expect(opened.label == "opencl:1" && opened.reason == automatic.reason)
    #expect(opened.device.description == automatic.device.description)
    #expect(opened.standby != nil)
  }

  @Test func whatIsGoneIsNotOpened() throws {
    var found = ProbedChoice(try chooser.choose(.openCLIndex(0)))
    #expect(try chooser.open(found) != nil)
    found.kernels = "gpu, variant 9"
    #expect(try chooser.open(found) == nil)
    found.label = "opencl:7"
    #expect(try chooser.open(found) == nil)
  }
}

@Suite struct HeadroomTests {
  @Test func whatIsThereIsEnough() {
    #expect(Headroom().shortage == nil)
  }

  @Test func whatIsMissingIsNamed() {
    var headroom = Headroom()
    var (files, threads) = (0, 0)
    headroom.open = {
      files += 1
      return files < 48 ? open("/", O_RDONLY | O_CLOEXEC) : -1
    }
    #expect(headroom.shortage == "48 more files cannot be opened (ulimit -n)")
    headroom = Headroom()
    headroom.addressSpace = 1 << 60
    #expect(headroom.shortage?.contains("of address space cannot be had (ulimit -v)") == true)
    headroom = Headroom()
    headroom.start = {
      threads += 1
      return threads < 8 ? startThread(stack: 1 << 16, $0) : nil
    }
    #expect(headroom.shortage == "8 more threads cannot be made (ulimit -u, pids.max)")
  }
}

extension DriverProbe.Outcome {
  /// The lines of what survived.
  fileprivate var lines: [String] {
    if case .survived(let lines) = self { lines } else { [] }
  }
}
