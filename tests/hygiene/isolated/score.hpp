#pragma once

extern "C" double score(const float* values, unsigned long count);
