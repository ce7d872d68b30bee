"""Which subject area a WordNet topic or ancestor stands for. A name is the first word of a synset, a dot and the number
of its lexicographer file; `""` as a label leaves out everything below that ancestor."""

from __future__ import annotations

TOPICS: dict[str, str] = {
    "law": "law.14 criminal_law.10 contract.10 civil_law.14 Roman_law.10 tort.04 canon_law.14 maritime_law.14 corporation_law.09 "
    "contract_law.09 matrimonial_law.09 case_law.10 military_law.14 trademark.10 shariah.14 law.04 justice.04 legislation.10 "
    "legislation.04 crime.04",
    "health": "medicine.09 medicine.04 anatomy.09 pathology.09 dentistry.09 surgery.09 obstetrics.09 physiology.09 pharmacology.09 drug.06 "
    "narcotic.06 immunology.09 ophthalmology.09 neurology.09 otology.09 radiology.09 orthopedics.09 endocrinology.09 epidemiology.09 "
    "toxicology.09 virology.09 veterinary_medicine.09 pregnancy.26 medicine.06 physiology.07 muscle.08 neurophysiology.09",
    "biology": "biology.09 botany.09 genetics.09 zoology.09 plant.03 animal.03 ecology.09 embryology.09 microbiology.09 evolution.22 mammal.05 "
    "bacteria.05 cytology.09 molecular_biology.09 ornithology.09 entomology.09 ichthyology.09 paleontology.09 organism.03 "
    "microorganism.05 virus.05 vertebrate.05 invertebrate.05 fungus.20 Fungi.20 histology.09 bacteriology.09 living_thing.03 insect.05 "
    "cell.03 growth.22 bird.05",
    "chemistry": "chemistry.09 physical_chemistry.09 biochemistry.09 crystallography.09 solution.27 colloid.27 chemical_analysis.04",
    "physics": "physics.09 astronomy.09 optics.09 electricity.19 thermodynamics.09 nuclear_physics.09 particle_physics.09 mechanics.09 "
    "acoustics.09 hydrostatics.09 quantum_theory.09 relativity.09 cosmology.09 cryogenics.09 celestial_body.17",
    "computer science": "computer_science.09 computer.06 programming.04 computer_graphics.06 computer_technology.04 information_science.09",
    "math": "mathematics.09 statistics.09 geometry.09 arithmetic.09 algebra.09 matrix_algebra.09 numeration_system.10",
    "economics": "economics.09 game_theory.09",
    "business": "commerce.04 commercial_enterprise.04 accounting.09 finance.09 stock_exchange.06 corporation.14 corporate_finance.04 banking.04 "
    "investing.04 investment.21 auction.04 business.14 bookkeeping.04 accountancy.04",
    "psychology": "psychology.09 psychoanalysis.04 psychiatry.09 psychophysics.09 psychotherapy.04",
    "philosophy": "philosophy.09 logic.09 ethics.09 metaphysics.09 theology.09 Christian_theology.09 religion.09 religion.14 Christianity.09 Islam.09 "
    "Islam.14 Hinduism.09 Buddhism.09 Judaism.09 Roman_Catholic.14 Old_Testament.10 New_Testament.10 Sikhism.09 Taoism.09 "
    "Zoroastrianism.09 Anglican_Church.14 Bible.10 church_service.04 Greek_mythology.14 Norse_mythology.14 Roman_mythology.14 "
    "classical_mythology.14 mythology.14 holism.09 Gnosticism.09 Scholasticism.09 existentialism.09 Jainism.09 Zen.09 Apocrypha.10 "
    "Orthodox_Church.14",
    "history": "Middle_Ages.28 archeology.09",
    "engineering": "electronics.09 engineering.09 electrical_engineering.09 architecture.09 architecture.04 aeronautics.09 metallurgy.09 "
    "construction.04 telecommunication.10 telecommunication.09 telephone.10 airplane.06 aircraft.06 car.06 motor_vehicle.06 masonry.04 "
    "shipbuilding.04 jet_engine.06 mining.04 printing.10",
    "other": "music.10 baseball.04 sport.04 cooking.04 linguistics.09 golf.04 art.04 grammar.09 music.04 football.04 photography.04 "
    "American_football.04 card_game.04 performing_arts.09 chess.04 handicraft.04 heraldry.09 poetry.10 riding.04 politics.09 "
    "literature.10 basketball.04 farming.04 dramaturgy.10 navigation.04 animal_husbandry.04 writing.04 game.04 astrology.09 boxing.04 "
    "tennis.04 anthropology.09 music.09 bridge.04 prosody.09 cricket.04 soccer.04 ice_hockey.04 dancing.04 fine_arts.09 rhetoric.09 "
    "phonetics.09 badminton.04 fencing.04 rugby.04 television.10 drama.10 Arthurian_legend.10 ballet.04 squash.04 election.04 "
    "government.04 movie.10 poker.04 sociology.09 geology.09",
}

ANCESTORS: dict[str, str] = {
    "law": "crime.04 legal_document.10 law.10 law.14 legal_right.07 lawyer.18 judge.18 writ.10 legislative_act.10 legal_principle.09 "
    "proceeding.04 due_process.04 court.14 chief_justice.18 jurist.18 legal_code.10 legal_action.04 pleading.10 litigant.18 "
    "legal_duty.04 law_enforcement_agency.14 tort.04 contract.10 jurisprudence.09 criminal.18 felony.04 amendment.10 legal_power.07",
    "health": "disease.26 disorder.26 illness.26 symptom.26 injury.26 medicine.06 drug.06 body_part.08 organ.08 medical_procedure.04 therapy.04 "
    "vitamin.27 doctor.18 surgeon.18 nurse.18 infection.26 ill_health.26 pathology.26 medical_instrument.06 surgical_instrument.06 "
    "tumor.26 tissue.08 neurologist.18 anatomist.18 physiologist.18 diagnostic_procedure.04 health_professional.18 medicine.09 "
    "symptom.10 inflammation.26 deficiency_disease.26",
    "biology": "animal.03 plant.03 organelle.08 cell.03 organic_process.22 biologist.18 botanist.18 zoologist.18 naturalist.18 geneticist.18 "
    "macromolecule.27 protein.27 enzyme.27 microorganism.05 taxonomic_group.14 bacteriologist.18 biology.09 plant_part.20 "
    "animal_order.05 ecosystem.14 reproductive_structure.20 hormone.08 nucleic_acid.27 fungus.20 gene.08",
    "chemistry": "chemical_element.27 compound.27 acid.27 salt.27 chemical_reaction.22 chemist.18 biochemist.18 atom.27 molecule.27 ion.17 "
    "chemistry.09 organic_compound.27 isotope.27 chemical_process.22 chemical_bond.19 chemical_agent.27 reagent.27 solvent.27",
    "physics": "physical_phenomenon.19 celestial_body.17 star.17 constellation.17 elementary_particle.17 physicist.18 astronomer.18 "
    "nuclear_physicist.18 asteroid.17 force_unit.23 power_unit.23 pressure_unit.23 temperature_unit.23 electromagnetic_unit.23 "
    "work_unit.23 scientific_instrument.06 physics.09 extraterrestrial_object.17 energy.19 force.19 radiation.19 metric_unit.23 "
    "Newton's_law_of_motion.09 measuring_instrument.06 optical_instrument.06 nebula.17 galaxy.14 telescope.06 binary_star.17 "
    "astronomy.09 electromagnetic_radiation.19",
    "computer science": "computer.06 software.10 programming_language.10 computer_circuit.06 computer_scientist.18 computer_network.06 memory_device.06 "
    "data_processing.22 browser.10 web_site.10 peripheral.06 machine_code.10 memory.06 programmer.18 data_structure.09 algorithm.09 "
    "file.10 computer_file.10 data.14 computer_operation.22 operation.22 hacker.18 computer_user.18 computer_science.09 "
    "computer_accessory.06 interface.10 internet.06 instruction.10 protocol.10",
    "math": "numeration_system.10 plane_figure.25 polygon.25 number.23 mathematical_relation.24 mathematical_process.04 mathematician.18 "
    "mathematical_statement.10 pure_mathematics.09 applied_mathematics.09 theorem.10 angle.25 equation.10 mathematics.09 statistics.09 "
    "statistic.09 geometry.09 plane.25 polyhedron.25 matrix.14 variable.09 quantity.09 coordinate_system.09 average.24 cone.25 "
    "calculation.04 triangle.25 mathematical_space.14 group.09 mathematical_symbol.10",
    "economics": "economist.18 economic_theory.09 economy.14 economic_process.22 economic_condition.26 money.21 tax.21 price.21 industry.14 "
    "industry.04 economics.09 cost.21 income.21 market.14 market.04 economic_policy.10 duty.21 wealth.21 economic_rent.21 "
    "fiscal_policy.10 sector.14 currency.21 unemployment.26 spending.04 inflation.22 labor.14 wage.21",
    "business": "record.21 security.21 company.14 insurance.21 loan.21 financier.18 businessman.18 industrialist.18 merchant.18 business.14 "
    "commercial_document.10 selling.04 marketing.04 financial_institution.14 enterprise.14 debt.21 stock.21 bond.21 debt_instrument.21 "
    "capital.21 businessperson.18 payment.04 payment.21 businesswoman.18 investor.18 fund.21 salesman.18 management.14 distributor.18 "
    "business_activity.04 accountant.18 commercial_enterprise.04 sale.04 promotion.10",
    "psychology": "thinking.09 reasoning.09 attention.09 mental_disorder.26 psychologist.18 psychiatrist.18 analyst.18 emotion.12 phobia.26 memory.09 "
    "motivation.03 perception.09 learning.09 temperament.07 personality.07 psychological_state.26 cognitive_state.09 neurosis.26 "
    "psychosis.26 psychotherapy.04 psychology.09 mental_illness.26 delusion.26 anxiety_disorder.26 sensation.09 mental_abnormality.26",
    "philosophy": "philosopher.18 theologian.18 pope.18 saint.18 deity.18 philosophical_doctrine.09 doctrine.09 religion.09 religion.14 prayer.10 "
    "sacred_text.10 religious_ceremony.04 philosophy.09 spiritual_being.18 mythical_being.18 prophet.18 religious_leader.18 "
    "clergyman.18 theological_virtue.07 church.14 logician.18 proposition.10 fallacy.09 Apostle.18 Epistle.10 logic.09 ethics.09 "
    "religious_doctrine.10 religious_person.18 mythical_monster.18 rite.04 Church_Father.18",
    "history": "battle.04 pitched_battle.04 war.04 siege.04 naval_battle.04 amphibious_assault.04 revolution.04 treaty.10 historic_period.28 "
    "statesman.18 general.18 king.18 President_of_the_United_States.18 explorer.18 navigator.18 emperor.18 Indian_chief.18 queen.18 "
    "suffragist.18 abolitionist.18 American_Revolutionary_leader.18 diplomat.18 soldier.18 naval_officer.18 historian.18 Crusade.04 "
    "empire.15 dynasty.14 revolutionist.18 czar.18 dictator.18 Nazi.18 Pharaoh.18 Roman_Emperor.18 Holy_Roman_Emperor.18 "
    "King_of_England.18 King_of_France.18 Queen_of_England.18 civil_rights_leader.18 labor_leader.18 politician.18 Colony.15 "
    "military_action.04 rebellion.04 feminist.18 ruler.18 sovereign.18 settler.18 head_of_state.18 field_marshal.18 conquistador.18 "
    "catapult.06 warrior.18 military_leader.18 archeologist.18 epoch.28 military_uniform.06 warship.06",
    "engineering": "machine.06 engine.06 electrical_device.06 electronic_equipment.06 bridge.06 structural_member.06 pump.06 valve.06 transducer.06 "
    "semiconductor_device.06 circuit.06 control.06 dam.06 inventor.18 engineer.18 electrical_engineer.18 aircraft.06 alloy.27 "
    "building_material.27 fastener.06 mechanical_device.06 motor.06 electric_motor.06 electrical_converter.06 electronic_device.06 "
    "power_tool.06 suspension_bridge.06 engineering.09 steel.27 coupling.06 heater.06 rocket.06 antenna.06 canal.06 resistor.06",
    "other": "city.15 country.15 district.15 river.17 island.17 lake.17 mountain.17 mountain_peak.17 actor.18 writer.18 poet.18 composer.18 "
    "painter.18 singer.18 dramatist.18 sculptor.18 architect.18 food.13 beverage.13 musical_instrument.06 game.04 sport.04 clothing.06 "
    "language.10 book.10 music.10 painting.06 furniture.06 geographical_area.15 port.15 town.15 national_capital.15 range.17 sea.17 "
    "archipelago.17 state.15 American_state.15 national_park.15 desert.15 athlete.18 musician.18 film_maker.18 fictional_character.18 "
    "dancer.18 comedian.18 sociologist.18 anthropologist.18 body_of_water.17 alcohol.13 dish.13 movie.10 literary_composition.10 "
    "poem.10 musical_composition.10 garment.06 geological_formation.17 ethnic_group.14 inhabitant.18 tennis_player.18 ballplayer.18 "
    "party.14 journalist.18 educator.18 philanthropist.18 street.06 university.06 bay.17 hotel.06 terrorist_organization.14 artist.18 "
    "performer.18 entertainer.18 astronaut.18 edible_fruit.13 toy.06",
    "": "Sanskrit.10 coefficient.23 taste.09 stele.06 opera_company.14 theater_company.14 ballet_company.14 military_officer.18 process.09 transaction.04 establishment.06 "
    "persecution.04 owner.18 interest.21 recording.06 knot.06 coating.06 paint.06 estimate.09 sculpture.06 wrinkle.25 handedness.07 "
    "timepiece.06 monetary_unit.23 coin.21 orientation.09 measure.06 atmospheric_phenomenon.19 weather.19 alcoholic.18 person.03 "
    "slang.10 disparagement.10 sexual_activity.04 military_unit.14 sound.11 sexual_desire.12 region.15 animal_product.27 fabric.06 "
    "domestic_animal.05 work_animal.05 fictional_animal.05 mineral.27 weapon.06 color.07 time_unit.28 sex_offender.18 pervert.18 "
    "wrongdoing.04",
}

BY_FILE = {"05": "biology", "20": "biology", "08": "health", "12": "psychology", "15": "other", "13": "other"}
"""Lexicographer file -> label, where neither a topic nor an ancestor told: animals, plants, bodies, feelings, places, food."""
