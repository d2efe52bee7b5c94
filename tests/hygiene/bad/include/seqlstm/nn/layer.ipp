// Definitions that nobody includes.
#pragma once
