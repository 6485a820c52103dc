// vendor-types LIBRARY INPUTS OUTPUTS: evaluates events of the axol1tl-like model through the types that CMSSW passes,
// with several rounding and overflow modes, and refuses others.
#include <dlfcn.h>

#include <any>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include "ap_fixed.h"
#include "hls4ml_emulator.h"

namespace {

constexpr int kElements = 57;

template <typename Input, typename Score>
bool agrees(hls4mlEmulator::Model &model, std::string inputs, long expected) {
  for (char &letter : inputs) letter = letter == ',' ? ' ' : letter;
  std::istringstream words(inputs);
  Input event[kElements];
  for (Input &element : event) {
    long code = 0;
    words >> code;
    // By value, not by bits: half a unit is the last place of ap_fixed<13,12>.
    element = static_cast<double>(code) / 2;
  }
  Score score = 0;
  model.prepare_input(event);
  model.predict();
  model.read_result(&score);
  return score.to_double() * 16 == static_cast<double>(expected);
}

template <typename Pointer>
bool is_refused(hls4mlEmulator::Model &model, Pointer pointer) {
  try {
    model.prepare_input(pointer);
  } catch (const std::invalid_argument &) {
    return true;
  }
  return false;
}

}  // namespace

int main(int, char **arguments) {
  void *library = dlopen(arguments[1], RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) {
    std::fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  auto create = reinterpret_cast<hls4mlEmulator::Model *(*)()>(dlsym(library, "create_model"));
  auto destroy = reinterpret_cast<void (*)(hls4mlEmulator::Model *)>(dlsym(library, "destroy_model"));
  hls4mlEmulator::Model *model = create();
  std::ifstream inputs(arguments[2]);
  std::ifstream outputs(arguments[3]);
  std::string event;
  long expected = 0;
  int count = 0;
  while (std::getline(inputs, event) && outputs >> expected) {
    const bool plain = agrees<ap_fixed<13, 12>, ap_ufixed<18, 14>>(*model, event, expected);
    using Saturating = ap_fixed<13, 12, AP_RND_CONV, AP_SAT>;
    const bool saturating = agrees<Saturating, ap_ufixed<18, 14, AP_RND, AP_SAT>>(*model, event, expected);
    if (!plain || !saturating) {
      std::fprintf(stderr, "event %d differs\n", count);
      return 1;
    }
    count++;
  }
  ap_fixed<14, 12> wider[kElements];
  double real[kElements] = {};
  if (!is_refused(*model, wider) || !is_refused(*model, real)) {
    std::fprintf(stderr, "another type is taken\n");
    return 1;
  }
  destroy(model);
  dlclose(library);
  std::printf("%d\n", count);
  return 0;
}
