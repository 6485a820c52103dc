/**
 * The library behind the `trigc` command. Everything here is pure: bytes and options in, graphs, text and diagnostics
 * out; reading and writing files is the caller's.
 */
export type { Compilation, CompileRequest } from './compiler.js';
export { compile } from './compiler.js';
export type { CodeMatrix } from './backends/emulator/code-matrix.js';
export { codeMatrix, codeRow } from './backends/emulator/code-matrix.js';
export type { Emulator, EmulatorRun } from './backends/emulator/emulator.js';
export { compileEmulator } from './backends/emulator/emulator.js';
export type { EmittedFile, VerilogOptions } from './backends/verilog/emit.js';
export { emitVerilog } from './backends/verilog/emit.js';
export type { VhdlOptions } from './backends/vhdl/emit.js';
export { emitVhdl } from './backends/vhdl/emit.js';
export type { Design, DesignInterface, Schedule } from './design/design.js';
export { parseDesign } from './design/parse.js';
export { printDesign } from './design/print.js';
export type { Diagnostic } from './diagnostics/diagnostic.js';
export { formatDiagnostic } from './diagnostics/diagnostic.js';
export type { Result } from './diagnostics/result.js';
export type { Inspection } from './importers/onnx/import.js';
export { importOnnx, inspectOnnx } from './importers/onnx/import.js';
export { buildNetlist } from './lowering/rtl/netlist.js';
export type { ModelGraph } from './model/kinds.js';
export type { ModelEvaluation } from './model/evaluate.js';
export { evaluateModel } from './model/evaluate.js';
export { parseModel } from './model/parse.js';
export { printModel } from './model/print.js';
export type { FixedPointType, Quantizer } from './numeric/fixed-point.js';
export { parseQuantizer, printQuantizer, printType } from './numeric/fixed-point.js';
export { undeclared } from './passes/model/assign-types.js';
export { findTarget, targets } from './targets/targets.js';
export { version } from './version.js';
