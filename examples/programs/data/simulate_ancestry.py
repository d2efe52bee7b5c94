#!/usr/bin/env python3
"""Simulates haplotypes with Neanderthal stretches, for the program `ancestry`.

    python3 -m venv venv && venv/bin/pip install msprime==1.3.4
    venv/bin/python simulate_ancestry.py --seed 1 --out ancestry1.tsv

Demography: Africans, Europeans and East Asians of Gravel et al. 2011 (PNAS 108:11983, table 2, low-coverage + exons; times in
generations). Added to it: Neanderthals, who split from the ancestors of all three 22,000 generations ago (550,000 years, Pruefer
et al. 2014), two populations of them that split 3,600 generations ago, and one pulse from the second into the ancestors of
Europeans and East Asians. The reference is one genome of the first, 2,000 generations old.

The file is text with tabs between cells, which `io::read_haplotypes` reads. Its lines, in this order:

    seqlstm-haplotypes  1                       the format and its version
    haplotypes  H                               modern haplotypes (Europeans)
    outgroup  N                                 outgroup haplotypes (Africans)
    region  NAME  LENGTH                        bases; its sites and segments follow, then the next region
    site  POSITION  COUNT  ARCHAIC  ALLELES     see below
    segment  HAPLOTYPE  BEGIN  END              from 0, END left out: bases that came by the pulse

A site has its position (from 0, rising), the outgroup haplotypes with the derived allele, 1 where the archaic genome has it on
either copy, and H characters: 1 where a modern haplotype has it, 0 where not. Sites that only the outgroup varies at are left
out. Segments of a haplotype rise and do not touch. Lines that begin with # are comments. Regions are independent.
"""

import argparse

import msprime
import numpy

VERSION = 1
GENERATION_YEARS = 25
SPLIT_NEANDERTHAL, SPLIT_OF_NEANDERTHALS, REFERENCE_AGE = 22_000, 3_600, 2_000
NEANDERTHALS = 3_000


def demography(pulse, pulse_time, migration):
    """Gravel et al. 2011 and a pulse; populations by name."""
    split_eurasia, split_africa, growth_africa = 920, 2_040, 5_920
    model = msprime.Demography()
    europeans, asians = 1_032 * numpy.exp(0.0038 * split_eurasia), 554 * numpy.exp(0.0048 * split_eurasia)
    model.add_population(name="africans", initial_size=14_474)
    model.add_population(name="europeans", initial_size=europeans, growth_rate=0.0038)
    model.add_population(name="asians", initial_size=asians, growth_rate=0.0048)
    model.add_population(name="eurasians", initial_size=1_861)
    model.add_population(name="ancestors", initial_size=14_474)
    model.add_population(name="reference", initial_size=NEANDERTHALS, default_sampling_time=REFERENCE_AGE)
    model.add_population(name="source", initial_size=NEANDERTHALS)
    model.add_population(name="neanderthals", initial_size=NEANDERTHALS)
    model.add_population(name="root", initial_size=7_310)
    model.set_symmetric_migration_rate(["africans", "europeans"], migration * 2.5e-5)
    model.set_symmetric_migration_rate(["africans", "asians"], migration * 0.78e-5)
    model.set_symmetric_migration_rate(["europeans", "asians"], migration * 3.11e-5)
    model.add_population_split(time=split_eurasia, derived=["europeans", "asians"], ancestral="eurasians")
    model.add_symmetric_migration_rate_change(time=split_eurasia, populations=["africans", "eurasians"], rate=migration * 15e-5)
    model.add_mass_migration(time=pulse_time, source="eurasians", dest="source", proportion=pulse)
    model.add_census(time=pulse_time + 0.01)
    model.add_population_split(time=split_africa, derived=["africans", "eurasians"], ancestral="ancestors")
    model.add_population_split(time=SPLIT_OF_NEANDERTHALS, derived=["reference", "source"], ancestral="neanderthals")
    model.add_population_parameters_change(time=growth_africa, population="ancestors", initial_size=7_310)
    model.add_population_split(time=SPLIT_NEANDERTHAL, derived=["ancestors", "neanderthals"], ancestral="root")
    model.sort_events()
    return model


def simulate(options, seed):
    """Trees and mutations of one region."""
    samples = [msprime.SampleSet(options.haplotypes, "europeans", ploidy=1), msprime.SampleSet(options.outgroup, "africans", ploidy=1),
               msprime.SampleSet(2, "reference", ploidy=1)]
    trees = msprime.sim_ancestry(samples, demography=demography(options.pulse, options.pulse_time, options.migration), sequence_length=options.length,
                                 recombination_rate=options.recombination_rate, random_seed=seed)
    return msprime.sim_mutations(trees, rate=options.mutation_rate, model=msprime.BinaryMutationModel(), random_seed=seed)


def segments(trees, haplotypes, pulse_time):
    """Of each haplotype what its ancestors at the time of the pulse had from the source population, joined where they touch."""
    source = next(p.id for p in trees.populations() if p.metadata["name"] == "source")
    census = [node.id for node in trees.nodes() if node.time == pulse_time + 0.01]
    edges = trees.tables.link_ancestors(list(range(haplotypes)), census)
    found = [[] for _ in range(haplotypes)]
    for edge in edges:
        if trees.node(edge.parent).population == source and edge.child < haplotypes:
            found[edge.child].append((int(edge.left), int(edge.right)))
    for haplotype, pieces in enumerate(found):
        joined = []
        for begin, end in sorted(pieces):
            if joined and begin <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((begin, end))
        found[haplotype] = joined
    return found


def sites(trees, haplotypes, outgroup):
    """(position, outgroup count, archaic, alleles) of all that a haplotype or the archaic genome has."""
    for variant in trees.variants():
        derived = variant.genotypes != 0
        modern, others, archaic = derived[:haplotypes], derived[haplotypes:haplotypes + outgroup], derived[haplotypes + outgroup:]
        if modern.any() or archaic.any():
            yield int(variant.site.position), int(others.sum()), int(archaic.any()), "".join("01"[d] for d in modern.astype(int))


def write(options, out):
    """The whole file."""
    out.write(f"seqlstm-haplotypes\t{VERSION}\n")
    out.write(f"# msprime {msprime.__version__}, " + ", ".join(f"{k} {v}" for k, v in sorted(vars(options).items()) if k != "out") + "\n")
    out.write(f"haplotypes\t{options.haplotypes}\noutgroup\t{options.outgroup}\n")
    seeds = numpy.random.default_rng(options.seed).integers(1, 2**31, options.regions)
    for number, seed in enumerate(seeds, 1):
        trees = simulate(options, int(seed))
        out.write(f"region\tr{number}\t{options.length}\n")
        for site in sites(trees, options.haplotypes, options.outgroup):
            out.write("site\t" + "\t".join(map(str, site)) + "\n")
        for haplotype, found in enumerate(segments(trees, options.haplotypes, options.pulse_time)):
            for begin, end in found:
                out.write(f"segment\t{haplotype}\t{begin}\t{end}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--out", required=True, help="the file to write")
    add("--seed", type=int, default=1, help="draws everything (default %(default)s)")
    add("--regions", type=int, default=10, help="independent regions (default %(default)s)")
    add("--length", type=int, default=2_000_000, help="bases of a region (default %(default)s)")
    add("--haplotypes", type=int, default=20, help="modern haplotypes (default %(default)s)")
    add("--outgroup", type=int, default=200, help="outgroup haplotypes (default %(default)s)")
    add("--pulse", type=float, default=0.02, help="share of the pulse (default %(default)s)")
    add("--pulse-time", type=int, default=1_900, help="generations ago, 921 to 2,039 (default %(default)s)")
    add("--migration", type=float, default=1, help="gene flow after the splits, times that of the model (default %(default)s)")
    add("--mutation-rate", type=float, default=1.25e-8, help="per base and generation (default %(default)s)")
    add("--recombination-rate", type=float, default=1e-8, help="per base and generation (default %(default)s)")
    options = parser.parse_args()
    if not 920 < options.pulse_time < 2_040:
        parser.error("--pulse-time must lie between the splits at 920 and 2,040 generations")
    with open(options.out, "w", encoding="ascii") as out:
        write(options, out)


if __name__ == "__main__":
    main()
