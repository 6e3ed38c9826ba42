/**
 * What the clip art base is made to know: of 64 nouns the pictures that, chosen by eye, show the thing most plainly
 * at 32 pixels. Paths as in the data set's index.
 */
export const clipartPictures: Readonly<Record<string, readonly string[]>> = {
  flag: [
    "signs_and_symbols/flags/america/united_states.svg",
    "signs_and_symbols/flags/asia/turkey.svg",
    "signs_and_symbols/flags/europe/netherlands.svg",
  ],
  arrow: [
    "shapes/arrows/arrow02_1.svg",
    "shapes/arrows/arrow02_2.svg",
    "shapes/arrows/arrow02_4.svg",
  ],
  button: [
    "computer/buttons/pulsante_01_architetto_f_01.svg",
    "computer/buttons/tasto_10_architetto_fran_01.svg",
    "computer/buttons/tasto_11_architetto_fran_01.svg",
  ],
  "jigsaw piece": [
    "shapes/jigsaw/puzzle_architetto_france_01.svg",
    "shapes/jigsaw/jigsaw_red_02.svg",
    "shapes/jigsaw/jigsaw_red_04.svg",
  ],
  smiley: [
    "people/smilies/base.svg",
    "people/smilies/smiley100.svg",
    "people/smilies/smiley110.svg",
  ],
  stickman: [
    "people/stickmen/sm_001.svg",
    "people/stickmen/sm_002.svg",
    "people/stickmen/sm_004.svg",
  ],
  "playing card": [
    "recreation/games/cards/white/white_c_10.svg",
    "recreation/games/cards/white/white_c_a.svg",
    "recreation/games/cards/white/white_d_a.svg",
  ],
  house: ["buildings/homes/home1.svg", "buildings/homes/home14.svg", "buildings/homes/home3.svg"],
  "road sign": [
    "transportation/roadsigns/keep_left.svg",
    "transportation/roadsigns/junc_curve.svg",
    "transportation/roadsigns/no_buses.svg",
  ],
  "ice cream": [
    "food/desserts/glace_italienne_jean-vic_01.svg",
    "food/desserts/cone1_ganson.svg",
    "food/desserts/cone2_bw_ganson.svg",
  ],
  balloon: [
    "recreation/party/baloon1_01.svg",
    "recreation/party/baloon1_03.svg",
    "recreation/party/baloon1_04.svg",
  ],
  hat: [
    "1F3A9",
    "people/clothing/adventurer_hat_nicu_bucu_01.svg",
    "people/clothing/hats/red_fedora.svg",
  ],
  flower: [
    "plants/flowers/flower1_juliane_krug_01.svg",
    "plants/flowers/flower_01.svg",
    "plants/flowers/flower_02.svg",
  ],
  car: ["1F697", "transportation/redcar_marcelo_caiafa_.svg"],
  building: ["1F3E8", "buildings/ch_teau-fort_01.svg", "buildings/demolizione_costruzione_01.svg"],
  moon: [
    "signs_and_symbols/weather/moon02.svg",
    "geography/moon_charles_mccolm_01.svg",
    "science/astronomy/the_moon_dan_gerhards_01.svg",
  ],
  insect: [
    "1F41B",
    "animals/bugs/cavalletta_architetto_fr_01.svg",
    "animals/bugs/formichina_architetto_fr_01.svg",
  ],
  box: [
    "office/open_box_nicu_buculei_01.svg",
    "containers/cardboard_box_jarno_vasa_.svg",
    "containers/open_box_juliane_krug_r.svg",
  ],
  ball: [
    "recreation/sports/handball_ball_brice_boye_01.svg",
    "recreation/sports/8ball_nicu_buculei_01.svg",
    "recreation/toys/beach_ball_01.svg",
  ],
  apple: ["food/fruit/an_apple_01.svg", "food/fruit/apple.svg", "food/fruit/another_apple_01.svg"],
  "speech bubble": [
    "shapes/callouts/elips_c.svg",
    "shapes/callouts/round_l.svg",
    "shapes/callouts/rectg_c.svg",
  ],
  penguin: [
    "unsorted/Pinguino1.svg",
    "unsorted/Pinguino2.svg",
    "animals/birds/penguin/plush_tux_anita_01.svg",
  ],
  dinosaur: [
    "animals/dinosaurs/dino_architetto_francesc_02.svg",
    "animals/dinosaurs/dino_architetto_francesc_05.svg",
    "animals/dinosaurs/dino_architetto_francesc_08.svg",
  ],
  woman: ["people/woman01.svg", "people/woman02.svg"],
  star: [
    "shapes/stars/star.svg",
    "computer/icons/star_sergio_luiz_araujo__01.svg",
    "shapes/star_double_tom_webb_.svg",
  ],
  cat: [
    "1F408",
    "animals/mammals/big_cats/contour_cheetah.svg",
    "animals/mammals/cartoon_cat_gerald_g._01.svg",
  ],
  boat: [
    "transportation/boating/boat_jarno_vasamaa1.svg",
    "transportation/boating/boat_jarno_vasamaa_.svg",
  ],
  folder: [
    "computer/folders/folder.svg",
    "computer/folders/folder_01.svg",
    "computer/folders/blue_folder_seth_yastrov_01.svg",
  ],
  man: ["people/man01.svg", "people/man02.svg", "people/man_chris_kempson_01.svg"],
  tree: [
    "plants/albero_architetto_france_01.svg",
    "plants/trees/evergreen/tree.svg",
    "plants/trees/evergreen/simple_evergreen_with_highlights_01.svg",
  ],
  lightning: [
    "computer/icons/lightning_icon_benji_par_01.svg",
    "signs_and_symbols/weather/lightning_jon_phillips_11.svg",
  ],
  bird: [
    "animals/birds/crow_01.svg",
    "animals/birds/gull_marcelo_staudt_01.svg",
    "animals/birds/bird_of_peace_mauro_oliv_01.svg",
  ],
  dog: [
    "animals/mammals/dog_01_drawn_with_strai_01.svg",
    "animals/mammals/dog_03_drawn_with_strai_01.svg",
    "animals/mammals/dogs/bobi_architetto_francesc_01.svg",
  ],
  phone: [
    "office/telephone/mobile.svg",
    "office/telephone/red_telephone_mimooh_01.svg",
    "office/telephone/mobile_phone_01.svg",
  ],
  book: ["1F4DA", "education/books/book_01.svg", "education/books/book_02.svg"],
  horse: [
    "animals/mammals/horses/cavallo_architetto_franc_01.svg",
    "animals/mammals/horses/cavallo_architetto_franc_02.svg",
    "animals/mammals/horses/cavallo_architetto_franc_06.svg",
  ],
  hand: [
    "people/bodypart/left_hand_print_benji_pa_01.svg",
    "people/bodypart/right_hand_print_benji_p_01.svg",
  ],
  lightbulb: [
    "electronics/bulb/bulb.svg",
    "electronics/bulb/lightbulb_lit_benji_park_.svg",
    "electronics/bulb/lightbulb_brightlit_benj_.svg",
  ],
  candy: ["food/desserts/candy_01.svg", "food/desserts/candy_20.svg", "food/desserts/candy_30.svg"],
  orange: [
    "food/fruit/orange.svg",
    "food/fruit/orange_dave_pena_01.svg",
    "food/fruit/rondelle_d_orange_01.svg",
  ],
  cloud: [
    "signs_and_symbols/cloud_jon_phillips_01.svg",
    "signs_and_symbols/nuage_guillaume_boitel_.svg",
    "signs_and_symbols/thought_cloud_jon_philli_01.svg",
  ],
  fish: [
    "unsorted/pescetto.svg",
    "animals/fish/bofish_massimo_aiello_r.svg",
    "animals/fish/pescetto_arancione_archi_01.svg",
  ],
  tiger: [
    "animals/mammals/big_cats/tiger_graig_ryan_smith_-_01.svg",
    "animals/mammals/big_cats/tigre03_architetto_franc_01.svg",
  ],
  cake: [
    "food/desserts/torta_architetto_frances_01.svg",
    "food/desserts/flat_cake_jean-victor_ba_01.svg",
  ],
  globe: [
    "geography/svg_globe.svg",
    "geography/pseudo_globe_twilight_.svg",
    "geography/earth_globe_dan_gerhrads_01.svg",
  ],
  drum: [
    "1F941",
    "recreation/music/djambf_ganson.svg",
    "recreation/music/africandrum_benji_park_.svg",
  ],
  girl: ["unsorted/ragazza_bionda.svg", "people/manga_girl_dirk_struve_01.svg"],
  butterfly: [
    "animals/bugs/farfalla_butterfly_fra1.svg",
    "animals/bugs/farfalla_contorno_archit_01.svg",
    "animals/bugs/butterfly_jonathan_dietr_01.svg",
  ],
  eye: ["signs_and_symbols/eye_01.svg", "people/blue_eye_alex_fernandez_01.svg"],
  gift: [
    "recreation/holiday/gift01.svg",
    "recreation/holiday/gift02.svg",
    "recreation/holiday/gift03.svg",
  ],
  leaf: [
    "plants/leaf_01.svg",
    "plants/fall_coloured_leaf_geral_01.svg",
    "plants/trees/fern_mo_01.svg",
  ],
  sun: [
    "signs_and_symbols/weather/sun01.svg",
    "signs_and_symbols/weather/sun02.svg",
    "signs_and_symbols/weather/sun_ff77_01.svg",
  ],
  bus: [
    "transportation/bus1_jarno_vasamaa_01.svg",
    "transportation/bus2_bw_jarno_vasamaa_01.svg",
    "transportation/bus2_jarno_vasamaa_01.svg",
  ],
  clock: [
    "1F556",
    "signs_and_symbols/clocks/analogue_clock_01.svg",
    "signs_and_symbols/clocks/clock01.svg",
  ],
  frog: [
    "animals/rana01_architetto_france_01.svg",
    "animals/rana02_architetto_france_01.svg",
    "animals/rana03_architetto_france_01.svg",
  ],
  eagle: ["animals/birds/acquila_architetto_franc_02.svg", "animals/birds/eagle_01.svg"],
  ladybug: [
    "animals/bugs/coccinella_architetto_fr_01.svg",
    "animals/bugs/coccinellona_architetto__01.svg",
    "animals/bugs/ladybug_01.svg",
  ],
  bear: [
    "animals/mammals/bears/orso_architetto_francesc_01.svg",
    "animals/mammals/bears/orso_architetto_francesc_03.svg",
    "animals/mammals/bears/orso_architetto_francesc_04.svg",
  ],
  elephant: [
    "unsorted/elefante_in_corsa.svg",
    "animals/mammals/contour_elephant.svg",
    "animals/mammals/elefante02_architetto_fr_01.svg",
  ],
  heart: [
    "signs_and_symbols/card_figures_-_heart_01.svg",
    "recreation/holiday/valentines/heart.svg",
    "recreation/holiday/valentines/heart_jon_phillips_01.svg",
  ],
  strawberry: [
    "food/fruit/strawberry.svg",
    "food/fruit/strawberry_01.svg",
    "food/fruit/strawberry_simple.svg",
  ],
  key: [
    "tools/chiave_architetto_france_01.svg",
    "tools/key_jordan_wiens_01.svg",
    "computer/icons/key_juliane_krug_01.svg",
  ],
  airplane: [
    "transportation/plane_in_the_sky_mo_01.svg",
    "transportation/vehicles/plane_silhouet_mo_01.svg",
    "transportation/vehicles/military_airplane_mo_01.svg",
  ],
  bicycle: ["transportation/vehicles/vtt_02.svg", "transportation/vehicles/bicycle_01.svg"],
};
