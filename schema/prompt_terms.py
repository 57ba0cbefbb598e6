"""The words the prompt rules know, in English and Indonesian. Plurals in -s and -es are understood."""


def _terms(text: str) -> frozenset[str]:
    return frozenset(" ".join(term.split()) for term in text.split(","))


EXPLICIT = _terms(
    "nude, nudity, nudist, naked, nakedness, topless, bottomless, undressed, unclothed, nsfw, porn, "
    "porno, pornography, pornographic, xxx, hentai, ecchi, erotic, erotica, sex, sexual, sexually, "
    "orgasm, orgy, masturbate, masturbating, masturbation, ejaculate, penis, vagina, vulva, clitoris, "
    "genital, genitalia, nipple, boob, tit, ass, asshole, cock, pussy, cum, blowjob, blow job, handjob, "
    "hand job, cumshot, creampie, gangbang, threesome, deep throat, dildo, vibrator, bondage, bdsm, "
    "fetish, incest, bestiality, pedophile, paedophile, pedophilia, child porn, loli, lolicon, shotacon, "
    "rape, raped, rapist, whore, slut, hooker, prostitute, prostitution, stripper, striptease, lap dance, "
    "upskirt, camel toe, fuck, fucked, fucking, telanjang, bugil, bokep, seks, ngentot, kontol, memek, "
    "payudara, pelacur, mesum, cabul, perkosa, pemerkosaan"
)
VIOLENCE = _terms(
    "violence, violent, weapon, stab, stabbing, dead body, kill, killing, murder, murdering, murderer, "
    "slaughter, massacre, behead, beheaded, beheading, decapitate, decapitated, decapitation, dismember, "
    "dismembered, dismemberment, torture, tortured, torturing, gore, gory, bloodied, "
    "blood soaked, bloodstained, covered in blood, mutilate, mutilated, mutilation, "
    "corpse, suicide, self harm, lynched, lynching, strangle, strangling, bloodbath, gun, handgun, shotgun, "
    "machine gun, pistol, rifle, grenade, ak 47, ak47, membunuh, pembunuhan, bunuh diri, mayat, senjata "
    "api, penyiksaan"
)
DRUGS = _terms(
    "drug, cocaine, heroin, meth, methamphetamine, crystal meth, marijuana, cannabis, weed, ecstasy, "
    "mdma, lsd, fentanyl, opium, opioid, crack pipe, bong, narkoba, narkotika, ganja, sabu sabu"
)
TERROR = _terms(
    "terror, terrorist, terrorism, terror attack, bomb, bombing, suicide vest, car bomb, isis, al qaeda, "
    "taliban, jihad, jihadist, nazi, hitler, swastika, ku klux klan, genocide, ethnic cleansing, teroris, "
    "terorisme, pengeboman"
)
CHARACTERS = _terms(
    "mickey mouse, minnie mouse, donald duck, spider man, spiderman, batman, superman, wonder woman, iron "
    "man, captain america, darth vader, luke skywalker, baby yoda, harry potter, hermione granger, "
    "pikachu, pokemon, hello kitty, doraemon, naruto, goku, sailor moon, super mario, sonic the hedgehog, "
    "spongebob, winnie the pooh, buzz lightyear, hatsune miku, shrek"
)
FORBIDDEN = EXPLICIT | VIOLENCE | DRUGS | TERROR | CHARACTERS

ALLOWED = _terms(
    "finger gun, massage gun, glue gun, heat gun, spray gun, nail gun, tagging gun, water gun, water pistol, "
    "pistol squat, pistol grip, corpse pose, bath bomb, photo bomb, cum laude, pussy willow, rifle green, "
    "drug store, gore tex, gore skirt"
)
"""What sellers sell and models do, though a forbidden word is in it."""

POSE_WORDS = _terms(
    "pose, posed, posing, posture, stance, stand, standing, stood, sit, sitting, seated, sat, kneel, "
    "kneeling, crouch, crouching, squat, squatting, lie, lying, laying, recline, reclining, lean, "
    "leaning, lunge, lunging, bend, bending, bent, bow, bowing, stretch, stretching, twist, twisting, "
    "turn, turning, turned, walk, walking, stride, striding, run, running, jog, jogging, sprint, "
    "sprinting, jump, jumping, leap, leaping, dance, dancing, kick, kicking, climb, climbing, balance, "
    "balancing, wave, waving, point, pointing, reach, reaching, raise, raised, raising, lift, lifted, "
    "lifting, hold, holding, carry, carrying, hug, hugging, pray, praying, clap, clapping, present, "
    "presenting, greet, greeting, gesture, gesturing, cross, crossed, facing, looking, profile, side "
    "view, back view, front view, arm, hand, hip, leg, knee, shoulder, foot, feet, yoga, tiptoe, akimbo, "
    "selfie, berpose, gaya, sikap, berdiri, duduk, bersila, berlutut, jongkok, berjongkok, berbaring, "
    "tiduran, rebahan, bersandar, membungkuk, menunduk, jalan, berjalan, melangkah, lari, berlari, "
    "lompat, melompat, menari, joget, melambai, melambaikan, menunjuk, meraih, mengangkat, memegang, "
    "membawa, memeluk, bertepuk, menyapa, menyilangkan, menghadap, menoleh, menengok, berputar, tangan, "
    "lengan, kaki, lutut, pinggang, pinggul, bahu, tampak samping"
)
SUGGESTED = (
    "standing",
    "sitting",
    "walking",
    "leaning",
    "arms crossed",
    "hands on hips",
    "waving",
    "holding a product",
)
