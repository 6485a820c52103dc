// score-events LIBRARY EVENTS: the scores of an anomaly detector that takes the 57 hardware integers of the trigger
// objects as CMSSW passes them, pt first and in units of half a GeV, and gives a pair of result and score.
#include <dlfcn.h>

#include <any>
#include <array>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

#include "ap_fixed.h"
#include "hls4ml_emulator.h"

int main(int, char **arguments) {
  void *library = dlopen(arguments[1], RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) {
    std::fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  auto create = reinterpret_cast<hls4mlEmulator::Model *(*)()>(dlsym(library, "create_model"));
  auto destroy = reinterpret_cast<void (*)(hls4mlEmulator::Model *)>(dlsym(library, "destroy_model"));
  hls4mlEmulator::Model *model = create();
  ap_fixed<18, 13> event[57];
  std::pair<std::array<ap_fixed<18, 14, AP_RND_CONV, AP_SAT>, RESULTS>, ap_ufixed<18, 14>> result;
  std::ifstream file(arguments[2]);
  for (std::string line; std::getline(file, line);) {
    for (char &letter : line) letter = letter == ',' ? ' ' : letter;
    std::istringstream words(line);
    for (int element = 0; element < 57; element++) {
      long value = 0;
      words >> value;
      event[element] = element % 3 == 0 ? 0.5 * static_cast<double>(value) : static_cast<double>(value);
    }
    model->prepare_input(event);
    model->predict();
    model->read_result(&result);
    std::printf("%.0f\n", result.second.to_double() * 16);
  }
  // A quarter of a GeV is on the grid of what is passed, and not on that of the hardware.
  event[0] = 0.25;
  try {
    model->prepare_input(event);
    std::fprintf(stderr, "a value off the grid is taken\n");
    return 1;
  } catch (const std::range_error &) {
  }
  destroy(model);
  return dlclose(library);
}
