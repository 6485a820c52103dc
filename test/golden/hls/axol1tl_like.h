// Made by Trigc 0.1.0 from model: do not edit.
// Model SHA-256: …
// Configuration SHA-256: …
#ifndef MODEL_H_
#define MODEL_H_

#include "model_types.h"

void model(const model_types::n_event_t n_event[57], model_types::score_t score[1]);

#endif
