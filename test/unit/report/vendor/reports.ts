/** Reports in the forms that Vivado and Vitis HLS write, for a design named `network`. */
export interface ReportFields {
  readonly state?: string;
  readonly design?: string;
}

function head(command: string, { state, design = 'network' }: ReportFields): string {
  return [
    'Copyright 1986-2022 Xilinx, Inc. All Rights Reserved.',
    '-----------------------------------------------------',
    '| Tool Version : Vivado v.2023.2 (lin64) Build 1 Fri Oct 13 20:13:54 MDT 2023',
    `| Command      : ${command}`,
    `| Design       : ${design}`,
    '| Device       : xcvu13p-flga2577-2-e',
    ...(state === undefined ? [] : [`| Design State : ${state}`]),
    '-----------------------------------------------------',
    '',
  ].join('\n');
}

export function utilisation(fields: ReportFields = { state: 'Synthesized' }): string {
  return `${head('report_utilization -file utilization_synth.rpt', fields)}
1. CLB Logic
------------

+----------------------------+------+-------+------------+-----------+-------+
|          Site Type         | Used | Fixed | Prohibited | Available | Util% |
+----------------------------+------+-------+------------+-----------+-------+
| CLB LUTs*                  | 4745 |     0 |          0 |   1728000 |  0.27 |
|   LUT as Logic             | 4543 |     0 |          0 |   1728000 |  0.26 |
|   LUT as Memory            |  202 |     0 |          0 |    791040 |  0.03 |
|     LUT as Distributed RAM |    0 |     0 |            |           |       |
|     LUT as Shift Register  |  202 |     0 |            |           |       |
| CLB Registers              | 2211 |     0 |          0 |   3456000 |  0.06 |
|   Register as Flip Flop    | 2210 |     0 |          0 |   3456000 |  0.06 |
|   Register as Latch        |    1 |     0 |          0 |   3456000 | <0.01 |
| CARRY8                     |  180 |     0 |          0 |    216000 |  0.08 |
+----------------------------+------+-------+------------+-----------+-------+
* Warning! A remark on the row above.

3. BLOCKRAM
-----------

+-------------------+------+-------+------------+-----------+-------+
|     Site Type     | Used | Fixed | Prohibited | Available | Util% |
+-------------------+------+-------+------------+-----------+-------+
| Block RAM Tile    |  1.5 |     0 |          0 |      2688 |  0.06 |
|   RAMB36/FIFO*    |    1 |     0 |          0 |      2688 |  0.04 |
| URAM              |    0 |     0 |          0 |      1280 |  0.00 |
+-------------------+------+-------+------------+-----------+-------+

+-----------+------+-------+------------+-----------+-------+
| Site Type | Used | Fixed | Prohibited | Available | Util% |
+-----------+------+-------+------------+-----------+-------+
| DSPs      |    0 |     0 |          0 |     12288 |  0.00 |
+-----------+------+-------+------------+-----------+-------+
`;
}

/** As for the 7 series, where carry blocks are among the primitives only. */
export function sliceUtilisation(): string {
  return utilisation()
    .replace('CLB LUTs*     ', 'Slice LUTs    ')
    .replace('CLB Registers  ', 'Slice Registers')
    .replace(/^\| CARRY8.*\n/mu, '')
    .concat(
      '\n| Ref Name | Used | Functional Category |\n+----------+------+\n| CARRY4   |  360 |          CarryLogic |\n',
    );
}

export function hierarchicalUtilisation(): string {
  return `${head('report_utilization -hierarchical -file utilization_hierarchical_synth.rpt', { state: 'Synthesized' })}
+-----------+---------+------------+------------+---------+------+------+--------+--------+------+------------+
|  Instance |  Module | Total LUTs | Logic LUTs | LUTRAMs | SRLs |  FFs | RAMB36 | RAMB18 | URAM | DSP Blocks |
+-----------+---------+------------+------------+---------+------+------+--------+--------+------+------------+
| network   |   (top) |       4745 |       4543 |       0 |  202 | 2210 |      1 |      1 |    0 |          0 |
|   layer_1 | layer_1 |       4000 |       4000 |       0 |    0 | 2000 |      0 |      0 |    0 |          0 |
+-----------+---------+------------+------------+---------+------+------+--------+--------+------+------------+
`;
}

export function timing(fields: ReportFields = { state: 'Routed' }, wns = '-0.250'): string {
  return `${head('report_timing_summary -file timing_route.rpt', fields)}
------------------------------------------------------------------------------------------------
| Design Timing Summary
| ---------------------
------------------------------------------------------------------------------------------------

    WNS(ns)      TNS(ns)  TNS Failing Endpoints  TNS Total Endpoints      WHS(ns)      THS(ns)  THS Failing Endpoints
    -------      -------  ---------------------  -------------------      -------      -------  ---------------------
     ${wns}       -1.500                     12                 1696        0.057        0.000                      0


------------------------------------------------------------------------------------------------
| Clock Summary
| -------------
------------------------------------------------------------------------------------------------

Clock  Waveform(ns)       Period(ns)      Frequency(MHz)
-----  ------------       ----------      --------------
clk    {0.000 2.083}      4.167           239.981

`;
}

export function csynth(latency: readonly [string, string] = ['5', '5'], dsp = '<DSP>3</DSP>'): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<profile>
<ReportVersion><Version>2023.2</Version></ReportVersion>
<UserAssignments><TopModelName>network</TopModelName><TargetClockPeriod>4.00</TargetClockPeriod></UserAssignments>
<PerformanceEstimates>
<SummaryOfTimingAnalysis><EstimatedClockPeriod>2.918</EstimatedClockPeriod></SummaryOfTimingAnalysis>
<SummaryOfOverallLatency>
<Best-caseLatency>${latency[0]}</Best-caseLatency><Worst-caseLatency>${latency[1]}</Worst-caseLatency>
<Interval-min>1</Interval-min><Interval-max>1</Interval-max>
</SummaryOfOverallLatency>
</PerformanceEstimates>
<AreaEstimates>
<Resources><BRAM_18K>3</BRAM_18K>${dsp}<FF>512</FF><LUT>1024</LUT><URAM>0</URAM></Resources>
<AvailableResources><BRAM_18K>5376</BRAM_18K><DSP>12288</DSP><FF>3456000</FF><LUT>1728000</LUT></AvailableResources>
</AreaEstimates>
</profile>
`;
}
