/** Words that say nothing of what a picture shows. */
const noise = `a an the of in on at to for by with without and or from as is it its my your this that no not
  clipart cliparts openclipart open clip art artwork svg png vector vectorial image images picture
  pictures pic icon icons iconset iconsets theme collection various unsorted hash style stylized
  simple simplified drawn drawing draw straight line lines version ver final alt alternate new old
  copy remix submission sibmission example sample untitled created standard generic plain basic set
  part parts element elements piece pieces type kind side view front back left right top bottom half
  bw black-and-white contour outline silhouette silhouettes color colour colored coloured colors
  special misc miscellany miscellaneous other etc de la le les des du et un une der die das und
  il lo del della di da con al sulla per bn rpg map mapsym signs illustration illustrations
  cartoon cartoons comic ganson aj shape shapes object objects thing things stuff item items
  little small big large tiny mini nice cute funny cool happy pretty beautiful great good best
  st th nd rd px pt mm cm kb xl ii iii iv vi one two three four five six seven eight nine ten
  first second third single double multi multiple full empty lot many
  menu flat isolated public domain free work protein carbohydrate equipment musicstuff
  networksym mimetypes mime magick step unitedstates united nations member hair tone skin
  aiga fc bb bwh rectg rectk stared segmented gerald francesco architetto rollandin franc fra park jon benji hicon logo logos standing
  facing button2 rpswb i s t d e m n b c f g h j k l o p q r u v w x y z`;

/** True of a picture, but never what it is a picture of: they follow the noun. */
const qualities = `red green blue yellow white black grey gray purple pink brown golden gold silver dark
  light pale bright aqua cyan magenta violet square round circle circular oval triangle rectangular
  triangular striped spotted closed opened broken cracked sliced whole raw fresh cooked hot cold wild
  tropical modern antique ancient medieval classic american british french german italian chinese
  japanese latin northern southern eastern western north south east west asian african european steel
  metal wooden wood glass plastic running walking sitting flying smiling sleeping jumping standing
  dancing smoking thinking talking eating feeling male female young adult long short tall wide narrow
  thick thin electric electronic digital mechanical musical sport holiday day festive party recreation
  work office desktop network internet web webpage symbol sign entertainment hotel education science
  space security activity decoration weather geometry religion transport transportation
  hardware place human electronics music game body bodypart travel nature appliance hobby household
  kitchen medical medicine health safety warning caution danger love peace fun time europe asia africa
  america oceania australia france germany italy spain japan china canada england city state world
  country january february winter summer spring autumn fall season night evening morning emotion
  expression business communication information study school cut idea power energy speed fast quick
  sudden destroy shot explode natural ornamental bordered decorative abstract gothic celtic vintage
  down up forward reverse next previous application print check point room custom lost ground aid
  general medium middle center inside outside out over under off go stop start end begin open high low
  more less first last dot play pause no yes ok heavy soft hard dead alive blank mark facial mr mrs
  lower upper direction keep video service access reload user help protection wedge pin sailing
  swimming biking dance disco emblem info horizontal vertical decorated arctic air non manager rule
  record repeat magnifying vibration exchange postal rail pet lip ground camping mail help drive
  road king lord wedding christmas nonstop corner mixed group dirty clean
  hospitality occupation profession job action act move moving motion filesystem device database`;

/** What a picture shows when no word is closer to it; the first of them that fits. */
const kinds = `bird insect fish flower tree fruit vegetable dessert beverage building vehicle furniture
  weapon toy instrument`;
const groups = `mammal ${kinds} clothing container person animal food plant tool`;

/** Singular forms that no rule gives, spellings of one thing, and the Italian titles of one large contributor. */
const replacements = `mice:mouse geese:goose feet:foot teeth:tooth men:man women:woman leaves:leaf
  knives:knife wolves:wolf loaves:loaf halves:half shelves:shelf scarves:scarf wives:wife elves:elf
  children:child people:person kids:child oxen:ox fishes:fish smilies:smiley smilie:smiley
  ballon:balloon ballons:balloon baloon:balloon icecream:ice-cream housecat:cat housecats:cat
  kitty:cat kitten:cat feline:cat puppy:dog canine:dog doggy:dog dino:dinosaur bike:bicycle
  automobile:car auto:car cars:car aeroplane:airplane plane:airplane aircraft:airplane jet:airplane
  bulb:lightbulb lamps:lamp lite:light tux:penguin telly:television tv:television
  telephone:phone cellphone:phone mobile:phone home:house homes:house sailboat:sailboat
  roadsign:road-sign stickman:stickman stickmen:stickman arrowshape:arrow signalflag:signal-flag
  bullethole:hole evergreen:tree bovine:cow bugs:insect bug:insect callouts:speech-bubble callout:speech-bubble
  jigsaw:jigsaw-piece tasto:button pulsante:button attenzione:warning carpentiere:carpenter
  traslocatore:mover pinzatrice:stapler ghiaccio:ice orme:footprint valle:valley toro:bull
  doughnut:donut spectacles:glasses eyeglasses:glasses sunglasses:glasses
  gatto:cat gatti:cat gattino:cat cane:dog cavallo:horse cavalli:horse pinguino:penguin tigre:tiger
  donna:woman ragazza:girl ragazzo:boy bambino:child signore:man signora:woman signorina:woman
  uomo:man casa:house case:house finestra:window finestre:window ruota:wheel dentata:gear rana:frog
  farfalla:butterfly orso:bear acquila:eagle aquila:eagle elefante:elephant montagna:mountain
  lente:magnifier cubo:cube lucertola:lizard dinosauro:dinosaur dinosauri:dinosaur leone:lion
  cigno:swan uccello:bird provetta:test-tube forbici:scissors macchina:car libro:book vestito:dress
  tacchino:turkey gabbiano:seagull lampada:lamp pennuto:bird pescetto:fish pesce:fish
  principessa:princess principe:prince 
  rosa:rose sega:saw campeggio:camping sedia:chair caffe:coffee tazza:cup vino:wine bottiglia:bottle
  cestino:basket cesto:basket chiave:key lucchetto:padlock coccinella:ladybug coccinellona:ladybug
  lumaca:snail zanzara:mosquito moschito:mosquito mostriciattolo:monster rhinoceros:rhino
  rinoceronte:rhino microscopio:microscope barattolo:jar pillole:pill dottore:doctor siringa:syringe
  pettine:comb borsa:bag valigie:suitcase valigia:suitcase casco:helmet microfono:microphone
  fiore:flower fiori:flower albero:tree foglie:leaf foglia:leaf mela:apple pera:pear uovo:egg
  pane:bread formaggio:cheese torta:cake gelato:ice-cream glace:ice-cream tatoo:tattoo hummer:car sailboat:sailboat
  ladybird:ladybug scarpa:shoe scarpe:shoe cappello:hat
  martello:hammer cacciavite:screwdriver ombrello:umbrella orologio:clock tavolo:table tabella:chart
  letto:bed porta:door scala:ladder pala:shovel nave:ship barca:boat aereo:airplane treno:train
  camion:truck moto:motorcycle bicicletta:bicycle palla:ball pallone:ball chitarra:guitar
  tamburo:drum tromba:trumpet occhio:eye occhi:eye mano:hand mani:hand piede:foot naso:nose
  bocca:mouth denti:tooth cuore:heart sole:sun luna:moon stella:star nuvola:cloud pioggia:rain
  neve:snow scimmia:monkey topo:mouse coniglio:rabbit maiale:pig mucca:cow pecora:sheep gallo:rooster
  gallina:chicken pulcino:chick anatra:duck oca:goose serpente:snake coccodrillo:crocodile
  tartaruga:turtle squalo:shark delfino:dolphin balena:whale granchio:crab ape:bee ragno:spider
  formica:ant lupo:wolf volpe:fox cervo:deer giraffa:giraffe zebra:zebra cammello:camel
  pappagallo:parrot gufo:owl colombo:pigeon colomba:dove drago:dragon fantasma:ghost strega:witch
  zucca:pumpkin candela:candle regalo:gift spada:sword scudo:shield corona:crown bandiera:flag
  penna:pen matita:pencil foglio:paper busta:envelope lettera:letter stampante:printer
  telefono:phone schermo:monitor tastiera:keyboard bicchiere:glass piatto:plate
  forchetta:fork coltello:knife cucchiaio:spoon pentola:pot`;

const list = (text: string): readonly string[] => text.split(/\s+/).filter(Boolean);

const noiseWords = new Set(list(noise));
const qualityWords = new Set(list(qualities));
const replaced = new Map(
  list(replacements).map((pair) => {
    const [from, to] = pair.split(":");
    return [from, to.split("-")];
  }),
);

/** Of which the last are things as well: "orange balloon", "balloon orange". */
const colours = `black white red green blue yellow brown purple grey orange rose lime peach chestnut`;

/** As keywords they tell where a picture was filed, not what it shows. */
const shelves = `computer office head chess menu house home country road window video book recreation map`;

const colourWords = new Set(list(colours));
const shelfWords = new Set(list(shelves));

/** Things, by being what another word means. */
export const meantThings: readonly string[] = [...replaced.values()].map((words) =>
  words.join(" "),
);

export const isColour = (word: string): boolean => colourWords.has(word);
export const isShelf = (word: string): boolean => shelfWords.has(word);
export const kindWords = list(kinds);
export const groupWords = list(groups);
export const isQuality = (word: string): boolean => qualityWords.has(word);

/** "Flying birds_02 (B&W)" → ["flying", "bird"]: plain lower-case singulars without noise. */
export function plainWords(text: string): string[] {
  return text
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .replaceAll(/['’`]s?\b/g, "")
    .split(/[^a-z]+/)
    .filter((word) => !noiseWords.has(word))
    .flatMap((word) => replaced.get(word) ?? [singular(word)])
    .filter((word) => word.length >= 2 && word.length <= 14 && !noiseWords.has(word))
    .filter((word, i, all) => all.indexOf(word) === i);
}

const notPlural =
  /(ss|us|is|ous|ics|as|news|glasses|scissors|pants|jeans|series|chess|shorts|dice|lens|trousers|headphones|tongs|pliers|binoculars|handcuffs|stairs)$/;

/** English plurals by rule; words that only look like one are left alone. */
function singular(word: string): string {
  if (word.length < 4 || notPlural.test(word)) return word;
  if (/ies$/.test(word))
    return /(cook|p|t|mov|brown|zomb|smil|prair)ies$/.test(word)
      ? word.slice(0, -1)
      : `${word.slice(0, -3)}y`;
  return /(ch|sh|x|ss|zz|to|go|ro|no)es$/.test(word) && !/(shoes|canoes|axes)$/.test(word)
    ? word.slice(0, -2)
    : word.replace(/s$/, "");
}
