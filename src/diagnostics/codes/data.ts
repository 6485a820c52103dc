import type { DiagnosticKind } from '../diagnostic.js';

/** Event files: TRG2001 to TRG2099. */
export const dataCodes = {
  unreadableFile: {
    code: 'TRG2001',
    severity: 'error',
    title: 'event file cannot be read',
    hint: 'Check the path and the permissions of the file.',
  },
  unknownFormat: {
    code: 'TRG2002',
    severity: 'error',
    title: 'unknown event file format',
    hint: 'Name the file .csv, .csv.gz or .npy: one event a row, all ports flattened in graph order.',
  },
  emptyFile: {
    code: 'TRG2003',
    severity: 'error',
    title: 'no events',
    hint: 'Give at least one event: one row, after the header if there is one.',
  },
  columnCount: {
    code: 'TRG2004',
    severity: 'error',
    title: 'wrong number of columns',
    hint: 'One column for every element of every port, flattened in graph order (pandas: to_csv(index=False)).',
  },
  notNumber: {
    code: 'TRG2005',
    severity: 'error',
    title: 'not a number',
    hint: 'Write numbers as -12, 0.375 or 1.5e-3, separated by commas.',
  },
  notFinite: {
    code: 'TRG2006',
    severity: 'error',
    title: 'NaN or infinity',
    hint: 'Fixed-point ports have no such values: remove the event, or replace the value by what the hardware sends.',
  },
  notRepresentable: {
    code: 'TRG2007',
    severity: 'error',
    title: 'value between two codes of the port',
    hint: 'Give values that the type of the port holds exactly, or have them rounded with --input-policy quantise.',
  },
  outOfRange: {
    code: 'TRG2008',
    severity: 'error',
    title: 'value outside the range of the port',
    hint: 'Declare a wider type for this element, or bring the values into range with --input-policy quantise.',
  },
  promiseBroken: {
    code: 'TRG2009',
    severity: 'error',
    title: 'value breaks a promise of the configuration',
    hint: 'The design is only right within the declared range or constant: correct the data, or the promise in trigc.yaml.',
  },
  notIntegerCode: {
    code: 'TRG2010',
    severity: 'error',
    title: 'not an integer code',
    hint: 'With --codes every value is the integer code of its port; leave --codes out for real values.',
  },
  truncatedGzip: {
    code: 'TRG2011',
    severity: 'error',
    title: 'truncated gzip file',
    hint: 'The file ends too early: copy or write it again (gzip -t tells whether it is whole).',
  },
  badGzip: {
    code: 'TRG2012',
    severity: 'error',
    title: 'not a gzip file',
    hint: 'A file named .gz has to be compressed with gzip; rename it if it is plain text.',
  },
  badNpyHeader: {
    code: 'TRG2013',
    severity: 'error',
    title: 'not a .npy file',
    hint: 'Write it with numpy.save(file, array); .npz archives and pickles are something else.',
  },
  npySize: {
    code: 'TRG2014',
    severity: 'error',
    title: '.npy data do not match their header',
    hint: 'The file is truncated or damaged: write it again with numpy.save.',
  },
  npyElementType: {
    code: 'TRG2015',
    severity: 'error',
    title: 'unsupported .npy element type',
    hint: 'Convert with array.astype(numpy.float64), or numpy.int64 for --codes.',
  },
  npyObjects: {
    code: 'TRG2016',
    severity: 'error',
    title: '.npy file with pickled Python objects',
    hint: 'Objects are never unpickled: convert with array.astype(numpy.float64).',
  },
  tooLarge: {
    code: 'TRG2017',
    severity: 'error',
    title: 'event file beyond the size limits',
    hint: 'Split the file and run the parts one after the other.',
  },
  numberedHeader: {
    code: 'TRG2018',
    severity: 'warning',
    title: 'first event looks like a header of column numbers',
    hint: 'pandas writes a header 0,1,2,…: use to_csv(header=False, index=False) if that was not an event.',
  },
  moreProblems: {
    code: 'TRG2019',
    severity: 'note',
    title: 'further problems not shown',
    hint: 'Reading stopped here.',
  },
  unwritableFile: {
    code: 'TRG2020',
    severity: 'error',
    title: 'event file cannot be written',
    hint: 'Check that the folder exists, can be written to and has space.',
  },
  notDouble: {
    code: 'TRG2021',
    severity: 'error',
    title: 'value that no double holds exactly',
    hint: 'Write .csv, which holds exact decimals of any length, or --codes.',
  },
  notInt64: {
    code: 'TRG2022',
    severity: 'error',
    title: 'code beyond 64 bits',
    hint: 'Write .csv, which holds integers of any length.',
  },
} as const satisfies Record<string, DiagnosticKind>;
