// Runs a top function over a file of events. For simulation only.
#ifndef TRIGC_TESTBENCH_H_
#define TRIGC_TESTBENCH_H_

#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "arithmetic.h"
#include "stream.h"

namespace trigc {

/// The integer code of a value.
template <class T> long long code_of(const T &value) {
    ap_int<T::width + 1> code = value.range(T::width - 1, 0).to_uint64();
    const bool negative = value < 0;
    if (negative) code.range(T::width, T::width) = 1;
    return code.to_int64();
}

template <int size, class T> void bring(const long long codes[], const int shifts[], T array[]) {
    for (int element = 0; element < size; element++) {
        array[element] = from_code<T>((long long)((unsigned long long)codes[element] << shifts[element]));
    }
}

template <int size, class T> void take(const T array[], const int shifts[], long long codes[]) {
    for (int element = 0; element < size; element++) codes[element] = code_of(array[element]) >> shifts[element];
}

template <int size, class T, int width>
void bring(const long long codes[], const int shifts[], hls::stream<row<T, width> > &to) {
    T tensor[size];
    bring<size>(codes, shifts, tensor);
    write(tensor, to);
}

template <int size, class T, int width>
void take(hls::stream<row<T, width> > &from, const int shifts[], long long codes[]) {
    T tensor[size];
    read(from, tensor);
    take<size>(tensor, shifts, codes);
}

typedef void (*simulated)(const std::vector<long long> &, std::vector<long long> &);

/// Arguments: a file of input codes, one event per line, and a file of expected codes, or '-' to print those that
/// come out. Returns 0 when all agree, 1 when some do not, 2 for files that cannot be used.
inline int run_testbench(int count, char **arguments, int input_size, int output_size, simulated simulate) {
    if (count != 3) {
        std::cerr << "usage: " << arguments[0] << " INPUTS EXPECTED (or - to print)" << std::endl;
        return 2;
    }
    std::ifstream events(arguments[1]);
    const bool prints = std::string(arguments[2]) == "-";
    std::ifstream expected;
    if (!prints) expected.open(arguments[2]);
    if (!events || (!prints && !expected)) {
        std::cerr << "cannot read " << arguments[events ? 2 : 1] << std::endl;
        return 2;
    }
    std::vector<long long> input(input_size), output(output_size);
    long long event = 0, wrong = 0;
    while (events >> input[0]) {
        for (int element = 1; element < input_size; element++) events >> input[element];
        if (!events) {
            std::cerr << "event " << event << " ends early" << std::endl;
            return 2;
        }
        simulate(input, output);
        bool equal = true;
        for (int element = 0; element < output_size; element++) {
            if (prints) {
                std::cout << output[element] << (element + 1 < output_size ? ' ' : '\n');
                continue;
            }
            long long code = 0;
            if (!(expected >> code)) {
                std::cerr << "no expected output for event " << event << std::endl;
                return 2;
            }
            if (code != output[element] && equal) {
                equal = false;
                if (wrong < 10) {
                    std::cerr << "event " << event << ", element " << element << ": " << output[element]
                              << " where " << code << " is expected" << std::endl;
                }
            }
        }
        if (!equal) wrong++;
        event++;
    }
    if (!events.eof()) {
        std::cerr << "event " << event << " is no list of 64-bit integers" << std::endl;
        return 2;
    }
    if (!prints) std::cout << event << " events, " << wrong << " mismatches" << std::endl;
    return wrong == 0 ? 0 : 1;
}

} // namespace trigc

#endif
